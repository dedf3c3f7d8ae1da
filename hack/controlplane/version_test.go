package main

import (
	"maps"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want version
	}{
		"of a module":                 {"v1.37.1", version{1, 37, 1}},
		"of kube-apiserver":           {"Kubernetes v1.37.1\n", version{1, 37, 1}},
		"of etcd":                     {"etcd Version: 3.7.0\nGit SHA: abc\nGo Version: go1.26.8\n", version{3, 7, 0}},
		"of a vendor's kubectl":       {"Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0\n", version{1, 32, 4}},
		"of a pseudo-version":         {"v0.0.0-20260716143926-092fe0c72997", version{0, 0, 0}},
		"of a release candidate":      {"v1.38.0-rc.1", version{1, 38, 0}},
		"with more than one digit":    {"v10.20.30", version{10, 20, 30}},
		"after a word that has a dot": {"go.etcd.io/etcd v3.7.0", version{3, 7, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseVersion(c.text)
			if err != nil || got != c.want {
				t.Errorf("parseVersion(%q) = %v, %v; want %v", c.text, got, err, c.want)
			}
		})
	}
	for _, text := range []string{"", "v1.37", "unknown", "v99999999999999999999.0.0"} {
		if got, err := parseVersion(text); err == nil {
			t.Errorf("parseVersion(%q) = %v; want an error", text, got)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	ascending := []version{{0, 9, 9}, {1, 0, 0}, {1, 29, 12}, {1, 30, 0}, {1, 30, 1}, {2, 0, 0}}
	for i, v := range ascending {
		for j, w := range ascending {
			if got := v.compare(w); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%v.compare(%v) = %d", v, w, got)
			}
		}
	}
}

func TestParsePins(t *testing.T) {
	got, err := parsePins([]byte(`{
		"Module": {"Path": "example.org/x"}, "Go": "1.26.0",
		"Require": [
			{"Path": "k8s.io/kubernetes", "Version": "v1.37.1", "Indirect": true},
			{"Path": "go.etcd.io/etcd/server/v3", "Version": "v3.7.0"}
		],
		"Tool": [{"Path": "k8s.io/kubernetes/cmd/kubectl"}]
	}`))
	want := map[string]version{"k8s.io/kubernetes": {1, 37, 1}, "go.etcd.io/etcd/server/v3": {3, 7, 0}}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("parsePins = %v, %v; want %v", got, err, want)
	}
	if _, err := parsePins([]byte("go: no go.mod")); err == nil {
		t.Error("parsePins of no JSON: want an error")
	}
}
