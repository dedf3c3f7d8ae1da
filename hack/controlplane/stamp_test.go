package main

import (
	"errors"
	"os"
	"testing"
)

var exampleStamp = stamp{
	module: moduleKubernetes, pin: version{1, 37, 1}, platform: "linux/amd64",
	source: sourceDownloaded, actual: version{1, 37, 0},
}

func TestStampSurvivesItsFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := readStamp(dir, "etcd"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no stamp yet: error %v; want %v", err, os.ErrNotExist)
	}
	if err := writeStamp(dir, "etcd", exampleStamp); err != nil {
		t.Fatal(err)
	}
	if got, err := readStamp(dir, "etcd"); err != nil || got != exampleStamp {
		t.Errorf("read %+v, %v; wrote %+v", got, err, exampleStamp)
	}
}

func TestBadStamps(t *testing.T) {
	for _, text := range []string{
		"", "k8s.io/kubernetes v1.37.1 linux/amd64",
		"k8s.io/kubernetes one linux/amd64 built v1.37.1",
		"k8s.io/kubernetes v1.37.1 linux/amd64 built one",
		"k8s.io/kubernetes v1.37.1 linux/amd64 built v1.37.1 and more",
	} {
		if got, err := parseStamp(text); err == nil {
			t.Errorf("parseStamp(%q) = %+v; want an error", text, got)
		}
	}
}

func TestStampFits(t *testing.T) {
	for name, c := range map[string]struct {
		module   string
		pin      version
		platform string
		want     bool
	}{
		"the same pin and platform":                       {moduleKubernetes, version{1, 37, 1}, "linux/amd64", true},
		"the pin moved":                                   {moduleKubernetes, version{1, 37, 2}, "linux/amd64", false},
		"the pin moved to what the binary happens to be":  {moduleKubernetes, version{1, 37, 0}, "linux/amd64", false},
		"a folder shared between machines of other kinds": {moduleKubernetes, version{1, 37, 1}, "darwin/arm64", false},
		"another module":                                  {moduleEtcd, version{1, 37, 1}, "linux/amd64", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exampleStamp.fits(c.module, c.pin, c.platform); got != c.want {
				t.Errorf("fits = %t; want %t", got, c.want)
			}
		})
	}
}
