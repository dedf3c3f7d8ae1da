package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	moduleKubernetes = "k8s.io/kubernetes"
	moduleEtcd       = "go.etcd.io/etcd/server/v3"
)

// askLimit bounds how long a binary may take to say its version.
const askLimit = 10 * time.Second

// binary is one file of the control plane.
type binary struct {
	name   string   // file name, as KUBEBUILDER_ASSETS expects it
	module string   // the module in go.mod whose version counts
	pkg    string   // the main package to build
	ask    []string // arguments that make it print its version
	oldest version  // what serves, when that is less than the pin; else zero
	asked  bool     // provided only when it is named: few need it, and it takes minutes
}

// kubectl may be older than the server: server-side apply, wait, explain and
// kustomize components are all that is used, and 1.30 has them.
var binaries = []binary{
	{name: "etcd", module: moduleEtcd, pkg: "go.etcd.io/etcd/server/v3", ask: []string{"--version"}},
	{name: "kube-apiserver", module: moduleKubernetes, pkg: "k8s.io/kubernetes/cmd/kube-apiserver", ask: []string{"--version"}},
	{name: "kubectl", module: moduleKubernetes, pkg: "k8s.io/kubernetes/cmd/kubectl", ask: []string{"version", "--client"}, oldest: version{1, 30, 0}},
	{name: "kube-controller-manager", module: moduleKubernetes, pkg: "k8s.io/kubernetes/cmd/kube-controller-manager", ask: []string{"--version"}, asked: true},
}

// provider fills a folder with binaries.
type provider struct {
	out       string
	tools     string
	buildOnly bool
	log       *console
	pins      map[string]version
	platform  string
}

// run provides the named binaries, or those that every test needs, and writes their paths.
func (p *provider) run(ctx context.Context, names []string, paths io.Writer) error {
	wanted, err := choose(names)
	if err != nil {
		return err
	}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	unlock, err := lock(ctx, filepath.Join(p.out, ".lock"), p.log)
	if err != nil {
		return err
	}
	defer unlock()
	missing := p.missing(ctx, wanted)
	if len(missing) > 0 {
		if err := p.provide(ctx, missing); err != nil {
			return err
		}
	}
	return p.report(paths, wanted)
}

// work is the folder for unfinished files. It is on the file system of the
// finished ones, so that each is moved in place in one step.
func (p *provider) work() string { return filepath.Join(p.out, ".work") }

// provide tries the ways to a binary, cheapest first.
func (p *provider) provide(ctx context.Context, missing []binary) error {
	// What is there is from a run that was killed.
	if err := os.RemoveAll(p.work()); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(p.work()) }()
	if err := os.Mkdir(p.work(), 0o755); err != nil {
		return err
	}
	for _, step := range []func(context.Context, []binary) error{p.linkFromPath, p.download, p.buildAll} {
		if err := step(ctx, missing); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		missing = p.missing(ctx, missing)
	}
	return nil
}

// choose returns the binaries of the given names, or, when none is given, all that
// need not be asked for.
func choose(names []string) ([]binary, error) {
	if len(names) == 0 {
		return slices.DeleteFunc(slices.Clone(binaries), func(b binary) bool { return b.asked }), nil
	}
	var chosen []binary
	for _, name := range names {
		i := slices.IndexFunc(binaries, func(b binary) bool { return b.name == name })
		if i < 0 {
			return nil, fmt.Errorf("%q is no part of the control plane; it has etcd, kube-apiserver, kubectl and kube-controller-manager", name)
		}
		chosen = append(chosen, binaries[i])
	}
	return chosen, nil
}

func (p *provider) prepare(ctx context.Context) error {
	data, err := command(ctx, ".", "go", "mod", "edit", "-json").Output()
	if err != nil {
		return fmt.Errorf("cannot read go.mod here; run it in hack/controlplane with Go on the PATH: %w", err)
	}
	if p.pins, err = parsePins(data); err != nil {
		return err
	}
	for _, b := range binaries {
		if p.pins[b.module] == (version{}) {
			return fmt.Errorf("go.mod here does not pin %s; run it in hack/controlplane", b.module)
		}
	}
	p.platform = runtime.GOOS + "/" + runtime.GOARCH
	if p.out, err = filepath.Abs(p.out); err != nil {
		return err
	}
	return os.MkdirAll(p.out, 0o755)
}

// missing returns those that are not there or not of the right version.
func (p *provider) missing(ctx context.Context, wanted []binary) []binary {
	var missing []binary
	for _, b := range wanted {
		if !p.present(ctx, b) {
			missing = append(missing, b)
		}
	}
	return missing
}

// present trusts a stamp that fits. A binary without a stamp was put there by
// somebody, and is asked for its version.
func (p *provider) present(ctx context.Context, b binary) bool {
	path := filepath.Join(p.out, b.name)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		return false
	}
	s, err := readStamp(p.out, b.name)
	if err == nil {
		return s.fits(b.module, p.pins[b.module], p.platform)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return false
	}
	actual, err := askVersion(ctx, path, b.ask)
	return err == nil && p.serves(b, actual) && p.stamp(b, sourceFound, actual) == nil
}

// serves tells whether a binary of that version can stand for the pinned one.
func (p *provider) serves(b binary, actual version) bool {
	if b.oldest != (version{}) {
		return actual.compare(b.oldest) >= 0
	}
	return actual == p.pins[b.module]
}

func (p *provider) stamp(b binary, source string, actual version) error {
	return writeStamp(p.out, b.name, stamp{
		module: b.module, pin: p.pins[b.module], platform: p.platform, source: source, actual: actual,
	})
}

// install moves a finished file to its name in one step and stamps it. The old
// stamp goes first: a crash in between leaves a binary that is asked again,
// never one with the wrong stamp.
func (p *provider) install(b binary, file, source string, actual version) error {
	if err := os.Remove(stampPath(p.out, b.name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(file, filepath.Join(p.out, b.name)); err != nil {
		return err
	}
	return p.stamp(b, source, actual)
}

// askVersion runs a binary for its version.
func askVersion(ctx context.Context, path string, args []string) (version, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	text, err := command(ctx, ".", path, args...).Output()
	if err != nil {
		return version{}, fmt.Errorf("%s %s: %w", path, strings.Join(args, " "), err)
	}
	return parseVersion(string(text))
}

func (p *provider) report(w io.Writer, wanted []binary) error {
	for _, b := range wanted {
		s, err := readStamp(p.out, b.name)
		if err != nil {
			return err
		}
		path := filepath.Join(p.out, b.name)
		if target, err := os.Readlink(path); err == nil {
			path += " -> " + target
		}
		if _, err := fmt.Fprintf(w, "%-23s %-8s %s\n", b.name, s.actual, path); err != nil {
			return err
		}
	}
	return nil
}
