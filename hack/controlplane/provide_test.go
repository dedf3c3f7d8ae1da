package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func testProvider(t *testing.T) *provider {
	t.Helper()
	return &provider{
		out:      t.TempDir(),
		platform: "linux/amd64",
		log:      &console{w: t.Output()},
		pins:     map[string]version{moduleKubernetes: {1, 37, 1}, moduleEtcd: {3, 7, 0}},
	}
}

// put writes a script that prints a text in place of a binary.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	script := "#!/bin/sh\necho '" + text + "'\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

func binaryNamed(t *testing.T, name string) binary {
	t.Helper()
	chosen, err := choose([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return chosen[0]
}

func TestABinaryThatSomebodyPutThere(t *testing.T) {
	for name, c := range map[string]struct {
		binary, says string
		want         bool
	}{
		"of the pinned version":           {"kube-apiserver", "Kubernetes v1.37.1", true},
		"of another patch version":        {"kube-apiserver", "Kubernetes v1.37.0", false},
		"that says nothing":               {"etcd", "", false},
		"kubectl, old but new enough":     {"kubectl", "Client Version: v1.30.0", true},
		"kubectl, newer than the pin":     {"kubectl", "Client Version: v1.99.0", true},
		"kubectl, too old to be any help": {"kubectl", "Client Version: v1.29.14", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := testProvider(t)
			put(t, p.out, c.binary, c.says)
			if got := p.present(t.Context(), binaryNamed(t, c.binary)); got != c.want {
				t.Errorf("present = %t; want %t", got, c.want)
			}
		})
	}
}

func TestPresentTrustsAStampThatFits(t *testing.T) {
	p := testProvider(t)
	b := binaryNamed(t, "kube-apiserver")
	if p.present(t.Context(), b) {
		t.Error("present in an empty folder")
	}
	put(t, p.out, b.name, "no version at all")
	if err := p.stamp(b, sourceDownloaded, version{1, 37, 0}); err != nil {
		t.Fatal(err)
	}
	if !p.present(t.Context(), b) {
		t.Error("not present, with a stamp that fits")
	}
	p.pins[moduleKubernetes] = version{1, 37, 2}
	if p.present(t.Context(), b) {
		t.Error("present, though the pin moved")
	}
}

func TestAStampWithoutItsBinaryCountsForNothing(t *testing.T) {
	p := testProvider(t)
	b := binaryNamed(t, "etcd")
	if err := p.stamp(b, sourceBuilt, version{3, 7, 0}); err != nil {
		t.Fatal(err)
	}
	if p.present(t.Context(), b) {
		t.Error("present without a file")
	}
	if err := os.WriteFile(filepath.Join(p.out, b.name), []byte("half a download"), 0o644); err != nil {
		t.Fatal(err)
	}
	if p.present(t.Context(), b) {
		t.Error("present, though the file cannot be run")
	}
}

func TestKubectlFromThePath(t *testing.T) {
	p := testProvider(t)
	old, current := t.TempDir(), t.TempDir()
	put(t, p.out, "kubectl", "Client Version: v1.37.0")
	put(t, old, "kubectl", "Client Version: v1.20.0")
	put(t, current, "kubectl", "Client Version: v1.34.2")
	t.Setenv("PATH", strings.Join([]string{p.out, t.TempDir(), old, current}, string(os.PathListSeparator)))
	if err := os.Mkdir(p.work(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.linkFromPath(t.Context(), binaries); err != nil {
		t.Fatal(err)
	}
	target, err := os.Readlink(filepath.Join(p.out, "kubectl"))
	if want := filepath.Join(current, "kubectl"); err != nil || target != want {
		t.Errorf("linked to %q, %v; want %q", target, err, want)
	}
	if !p.present(t.Context(), binaryNamed(t, "kubectl")) {
		t.Error("linked but not present")
	}
}

func TestChoose(t *testing.T) {
	var names []string
	got, err := choose(nil)
	for _, b := range got {
		names = append(names, b.name)
	}
	if want := []string{"etcd", "kube-apiserver", "kubectl"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("choose(nil) = %v, %v; want %v", names, err, want)
	}
	if got, err := choose([]string{"kube-controller-manager"}); err != nil || len(got) != 1 {
		t.Errorf("choose(kube-controller-manager) = %v, %v; want it, because it was asked for", got, err)
	}
	if _, err := choose([]string{"kubelet"}); err == nil || !strings.Contains(err.Error(), "kubelet") {
		t.Errorf("choose(kubelet): error %v; want one that names it", err)
	}
}

func TestLdflags(t *testing.T) {
	got := ldflags(binaryNamed(t, "kube-apiserver"), version{1, 37, 1})
	for _, want := range []string{
		"-s -w ",
		" -X k8s.io/component-base/version.gitVersion=v1.37.1 ",
		" -X k8s.io/component-base/version.gitMajor=1 ",
		" -X k8s.io/component-base/version.gitMinor=37 ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("ldflags = %q; want %q in it", got, want)
		}
	}
	if got := ldflags(binaryNamed(t, "etcd"), version{3, 7, 0}); got != "-s -w" {
		t.Errorf("ldflags of etcd = %q", got)
	}
}
