package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// toolLimit bounds fetching and building setup-envtest itself.
	toolLimit = 2 * time.Minute
	// reachLimit bounds finding out whether the download's host answers. It is
	// short, because many build machines are cut off from it.
	reachLimit = 20 * time.Second
	// fetchLimit bounds the download of about 70 MB once the host has answered.
	fetchLimit = 3 * time.Minute
)

// download tries setup-envtest, which has the same binaries in seconds, except those
// that are provided only on request. That it does not work is no error: they are built
// then. One line says why.
func (p *provider) download(ctx context.Context, missing []binary) error {
	missing = slices.DeleteFunc(slices.Clone(missing), func(b binary) bool { return b.asked })
	if len(missing) == 0 || p.buildOnly {
		return nil
	}
	kubernetes := p.pins[moduleKubernetes]
	if err := p.tryDownload(ctx, kubernetes, missing); err != nil && ctx.Err() == nil {
		p.log.printf("No download of Kubernetes %d.%d, so it is built from source: %v", kubernetes.major, kubernetes.minor, err)
	}
	return nil
}

func (p *provider) tryDownload(ctx context.Context, kubernetes version, missing []binary) error {
	p.log.printf("Asking setup-envtest for Kubernetes %d.%d …", kubernetes.major, kubernetes.minor)
	setup := filepath.Join(p.work(), "setup-envtest")
	if _, err := runWithin(ctx, toolLimit, p.tools, "go", "build", "-trimpath", "-o", setup,
		"sigs.k8s.io/controller-runtime/tools/setup-envtest"); err != nil {
		return err
	}
	selector := fmt.Sprintf("%d.%d.x", kubernetes.major, kubernetes.minor)
	listed, err := runWithin(ctx, reachLimit, ".", setup, "list", selector, "--bin-dir", p.work())
	if err != nil {
		return err
	}
	if !strings.Contains(listed, "available") {
		return fmt.Errorf("none is offered for %s", p.platform)
	}
	p.log.printf("Downloading …")
	folder, err := runWithin(ctx, fetchLimit, ".", setup, "use", selector, "--bin-dir", p.work(), "-p", "path")
	if err != nil {
		return err
	}
	for _, b := range missing {
		file := filepath.Join(strings.TrimSpace(folder), b.name)
		actual, err := askVersion(ctx, file, b.ask)
		if err != nil {
			return err
		}
		if err := p.install(b, file, sourceDownloaded, actual); err != nil {
			return err
		}
	}
	return nil
}

// runWithin runs a command to its end or its limit and returns what it printed.
// Its error is one line for people: the last that the command complained.
func runWithin(ctx context.Context, limit time.Duration, dir, name string, args ...string) (string, error) {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := command(bounded, dir, name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.String(), nil
	case bounded.Err() != nil && ctx.Err() == nil:
		return "", fmt.Errorf("%s gave no answer within %s", filepath.Base(name), limit)
	default:
		return "", fmt.Errorf("%s: %s", filepath.Base(name), lastLine(stderr.String(), err))
	}
}

// lastLine returns the last line with something in it, or the error's text.
func lastLine(text string, err error) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return err.Error()
}
