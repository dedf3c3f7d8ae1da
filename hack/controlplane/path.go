package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// linkFromPath links what the PATH has and what need not be of the pinned
// version, which is kubectl alone: most machines have one.
func (p *provider) linkFromPath(ctx context.Context, missing []binary) error {
	for _, b := range missing {
		if b.oldest == (version{}) {
			continue
		}
		path, actual, ok := p.onPath(ctx, b)
		if !ok {
			continue
		}
		link := filepath.Join(p.work(), b.name)
		if err := os.Symlink(path, link); err != nil {
			return fmt.Errorf("link to %s: %w", path, err)
		}
		if err := p.install(b, link, sourcePath, actual); err != nil {
			return err
		}
	}
	return nil
}

// onPath finds the first one on the PATH that is new enough and not our own.
func (p *provider) onPath(ctx context.Context, b binary) (string, version, bool) {
	own, _ := os.Stat(p.out)
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		info, err := os.Stat(dir)
		if err != nil || os.SameFile(info, own) {
			continue
		}
		path, err := filepath.Abs(filepath.Join(dir, b.name))
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		actual, err := askVersion(ctx, path, b.ask)
		if err != nil {
			continue
		}
		if p.serves(b, actual) {
			return path, actual, true
		}
		p.log.printf("%s is %s; %s or newer is needed", path, actual, b.oldest)
	}
	return "", version{}, false
}
