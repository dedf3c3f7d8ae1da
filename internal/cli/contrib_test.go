package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// contributed reads a file of the repository.
func contributed(t *testing.T, path ...string) []byte {
	t.Helper()
	dir, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(append([]string{dir}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestContributedFilesNameWhatThereIs(t *testing.T) {
	t.Run("k9s plugins", contributedPlugins)
	t.Run("k9s views", contributedViews)
	t.Run("krew", contributedManifest)
}

// runs checks that each command line in a text, and each one in the arguments of kubectl,
// is one of a command that there is, with flags that it has. It says how many there were.
func runs(t *testing.T, where string, lines ...string) int {
	t.Helper()
	for _, line := range lines {
		args := split(line)
		c, rest, err := root().Find(args)
		if err != nil || len(args) == 0 || c.Name() != args[0] && !c.HasAlias(args[0]) {
			t.Errorf("%s runs %q, which is no command", where, line)
			continue
		}
		if err := c.ParseFlags(rest); err != nil {
			t.Errorf("%s: %s: %v", where, line, err)
		}
	}
	return len(lines)
}

// shellLine is a command line within a text.
var shellLine = regexp.MustCompile(`kubectl amends ([a-z][^;|"` + "`" + `:\n]*("[^"\n]*"[^;|"` + "`" + `:\n]*)*)`)

func shellLines(text string) []string {
	var out []string
	for _, m := range shellLine.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func contributedPlugins(t *testing.T) {
	var file struct {
		Plugins map[string]struct {
			Command string   `json:"command"`
			Args    []string `json:"args"`
			Scopes  []string `json:"scopes"`
		} `json:"plugins"`
	}
	if err := yaml.Unmarshal(contributed(t, "contrib", "k9s", "plugins.yaml"), &file); err != nil || len(file.Plugins) == 0 {
		t.Fatalf("%d plugins: %v", len(file.Plugins), err)
	}
	kinds := columns(t)
	for name, p := range file.Plugins {
		lines := shellLines(strings.Join(p.Args, "\n"))
		if p.Command == "kubectl" && len(p.Args) > 0 && p.Args[0] == "amends" {
			lines = append(lines, strings.Join(p.Args[1:], " "))
		}
		if runs(t, "contrib/k9s/plugins.yaml, "+name, lines...) == 0 {
			t.Errorf("contrib/k9s/plugins.yaml: %s runs nothing of ours", name)
		}
		for _, scope := range p.Scopes {
			if kinds["recovery.amends.dev/v1alpha1/"+scope] == nil {
				t.Errorf("contrib/k9s/plugins.yaml: %s is for %s, which is no kind of ours", name, scope)
			}
		}
	}
}

// columns are the columns that k9s has for each of our kinds: those that the API server
// prints, in capitals, and its own.
func columns(t *testing.T) map[string][]string {
	t.Helper()
	dir, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "config", "crd", "bases", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, file := range files {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		content, err := os.ReadFile(file)
		if err == nil {
			err = yaml.Unmarshal(content, crd)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, v := range crd.Spec.Versions {
			names := []string{"NAMESPACE", "NAME", "AGE"}
			for _, c := range v.AdditionalPrinterColumns {
				names = append(names, strings.ToUpper(c.Name))
			}
			out[crd.Spec.Group+"/"+v.Name+"/"+crd.Spec.Names.Plural] = names
		}
	}
	if len(out) == 0 {
		t.Fatal("there are no kinds")
	}
	return out
}

func contributedViews(t *testing.T) {
	var file struct {
		Views map[string]struct {
			SortColumn string   `json:"sortColumn"`
			Columns    []string `json:"columns"`
		} `json:"views"`
	}
	if err := yaml.UnmarshalStrict(contributed(t, "contrib", "k9s", "views.yaml"), &file); err != nil || len(file.Views) == 0 {
		t.Fatalf("%d views: %v", len(file.Views), err)
	}
	kinds := columns(t)
	for kind, view := range file.Views {
		if kinds[kind] == nil {
			t.Errorf("contrib/k9s/views.yaml shows %s, which is none of %v", kind, slices.Sorted(maps.Keys(kinds)))
			continue
		}
		for _, column := range view.Columns {
			name, _, _ := strings.Cut(column, "|")
			if !slices.Contains(kinds[kind], name) {
				t.Errorf("contrib/k9s/views.yaml: %s has no column %s; it has %v", kind, name, kinds[kind])
			}
		}
		if by, order, _ := strings.Cut(view.SortColumn, ":"); view.SortColumn != "" && (!slices.Contains(view.Columns, by) || order != "asc" && order != "desc") {
			t.Errorf("contrib/k9s/views.yaml: %s is sorted by %q, which it does not show", kind, view.SortColumn)
		}
	}
}

// contributedManifest reads the manifest for krew: it is of this command, and all that it
// unpacks belongs together.
func contributedManifest(t *testing.T) {
	var file struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]string `json:"metadata"`
		Spec       struct {
			Version          string `json:"version"`
			Homepage         string `json:"homepage"`
			ShortDescription string `json:"shortDescription"`
			Description      string `json:"description"`
			Caveats          string `json:"caveats"`
			Platforms        []struct {
				Selector struct {
					MatchLabels map[string]string `json:"matchLabels"`
				} `json:"selector"`
				URI    string              `json:"uri"`
				SHA256 string              `json:"sha256"`
				Bin    string              `json:"bin"`
				Files  []map[string]string `json:"files"`
			} `json:"platforms"`
		} `json:"spec"`
	}
	if err := yaml.UnmarshalStrict(contributed(t, "contrib", "krew", "amends.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	top := root()
	if name := file.Metadata["name"]; file.Kind != "Plugin" || "kubectl "+name != top.CommandPath() {
		t.Errorf("it is a %s of %q, and the command is %s", file.Kind, name, top.CommandPath())
	}
	if file.Spec.ShortDescription != top.Short {
		t.Errorf("it says %q, and the command %q", file.Spec.ShortDescription, top.Short)
	}
	if runs(t, "contrib/krew/amends.yaml", shellLines(strings.ReplaceAll(file.Spec.Caveats, " says", ";"))...) == 0 {
		t.Error("it names no command to look whether Amends is there")
	}
	if !strings.Contains(file.Spec.Caveats, "kubectl_complete-amends") {
		t.Error("it does not name what completes the command")
	}
	contributed(t, "contrib", "completion", "kubectl_complete-amends")
	if len(file.Spec.Platforms) == 0 {
		t.Error("it is for no platform")
	}
	for _, p := range file.Spec.Platforms {
		system, arch := p.Selector.MatchLabels["os"], p.Selector.MatchLabels["arch"]
		bin, packed, sum := "kubectl-amends", "tar.gz", "SHA256_"+strings.ToUpper(system+"_"+arch)
		if system == "windows" {
			bin, packed = bin+".exe", "zip"
		}
		uri := file.Spec.Homepage + "/releases/download/" + file.Spec.Version + "/kubectl-amends_" + system + "_" + arch + "." + packed
		if p.Bin != bin || p.URI != uri || p.SHA256 != sum {
			t.Errorf("%s/%s: bin %s, uri %s, sha256 %s; want %s, %s, %s", system, arch, p.Bin, p.URI, p.SHA256, bin, uri, sum)
		}
		var unpacked []string
		for _, f := range p.Files {
			unpacked = append(unpacked, f["from"])
		}
		if !slices.Contains(unpacked, bin) || !slices.Contains(unpacked, "LICENSE") {
			t.Errorf("%s/%s unpacks %v", system, arch, unpacked)
		}
	}
}
