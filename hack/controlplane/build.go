package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// buildAll builds what is missing from the pinned modules, one after the other:
// they share most packages, and each uses every core.
func (p *provider) buildAll(ctx context.Context, missing []binary) error {
	for _, b := range missing {
		if err := p.build(ctx, b); err != nil {
			return fmt.Errorf("building %s: %w", b.name, err)
		}
	}
	return nil
}

func (p *provider) build(ctx context.Context, b binary) error {
	m := newMeter(p.log, b.name)
	m.phase("looking for its modules")
	stale, err := p.stalePackages(ctx, m, b.pkg)
	if err != nil {
		return err
	}
	file := filepath.Join(p.work(), b.name)
	m.compile(stale)
	cmd := command(ctx, ".", "go", "build", "-v", "-trimpath", "-ldflags", ldflags(b, p.pins[b.module]), "-o", file, b.pkg)
	cmd.Env = p.buildEnv()
	if err := m.watch(cmd); err != nil {
		return err
	}
	actual, err := askVersion(ctx, file, b.ask)
	if err != nil {
		return fmt.Errorf("it was built but does not run: %w", err)
	}
	if actual != p.pins[b.module] {
		return fmt.Errorf("it was built but says that it is %s, not %s", actual, p.pins[b.module])
	}
	m.end()
	return p.install(b, file, sourceBuilt, actual)
}

// stalePackages lists the packages that the build cache lacks, so that progress
// counts real work. It also downloads the modules, where they are missing.
func (p *provider) stalePackages(ctx context.Context, m *meter, pkg string) (map[string]bool, error) {
	cmd := command(ctx, ".", "go", "list", "-deps", "-trimpath", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", pkg)
	cmd.Env = p.buildEnv()
	var list strings.Builder
	cmd.Stdout = &list
	if err := m.watch(cmd); err != nil {
		return nil, err
	}
	stale := map[string]bool{}
	for path := range strings.FieldsSeq(list.String()) {
		stale[path] = true
	}
	// The main package is stale until it is linked, which is told apart.
	delete(stale, pkg)
	return stale, nil
}

// buildEnv makes the build the same everywhere: no C compiler, and neither a
// workspace nor a target platform of the caller's. Temporary files stay with us.
func (p *provider) buildEnv() []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOOS=", "GOARCH=", "GOTMPDIR="+p.work())
}

// ldflags strips the binary and stamps a Kubernetes one with its version:
// without that the server calls itself v0.0.0-master and clients cannot tell
// what it can do. The tree state "archive" is what Kubernetes' own scripts say
// of sources without a repository; a commit and a date are not known here.
func ldflags(b binary, pin version) string {
	flags := []string{"-s", "-w"}
	if b.module == moduleKubernetes {
		for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
			flags = append(flags,
				fmt.Sprintf("-X %s.gitVersion=%s", pkg, pin),
				fmt.Sprintf("-X %s.gitMajor=%d", pkg, pin.major),
				fmt.Sprintf("-X %s.gitMinor=%d", pkg, pin.minor),
				fmt.Sprintf("-X %s.gitTreeState=archive", pkg))
		}
	}
	return strings.Join(flags, " ")
}
