package simulate

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/amends-dev/amends/internal/manifest"
)

// places are the objects of the files, in their order, with the patches between them.
type places struct {
	docs []*manifest.Document
}

func placesOf(docs []*manifest.Document) *places {
	return &places{docs: docs}
}

// kindOf is the kind of object that a patch is for, by what it changes; empty where only
// the folder tells.
func kindOf(d *manifest.Document) string {
	for path, kind := range map[string]string{
		"/spec/journal": "Incident", "/spec/choice": "Compensation", "/spec/decision": "Compensation",
		"/spec/delivery": "Compensation", "/spec/withdrawal": "Compensation",
		"/spec/pool": "RecoveryBudget", "/spec/allowances": "RecoveryBudget", "/spec/approval": "RecoveryBudget", "/spec/warnAt": "RecoveryBudget",
		"/spec/weekly": "BusinessCalendar", "/spec/holidays": "BusinessCalendar", "/spec/openings": "BusinessCalendar",
	} {
		if first := d.Patch[0].Path; first == path || strings.HasPrefix(first, path+"/") {
			return kind
		}
	}
	return "RecoveryPolicy"
}

// targets are the objects that a patch goes to: those that the timetable names; else the
// one whose name a folder above the file has; else the incidents, or the Compensation
// that was described last before it, of the nearest folder that has any.
func (p *places) targets(d *manifest.Document, on []string) ([]*manifest.Document, error) {
	kind := kindOf(d)
	if len(on) > 0 {
		return p.named(d, kind, on)
	}
	dir := filepath.Dir(d.File)
	for at := dir; ; at = filepath.Dir(at) {
		if named := p.of(kind, func(o *manifest.Document) bool { return o.Name == filepath.Base(at) }); len(named) == 1 {
			return named, nil
		}
		here := p.of(kind, func(o *manifest.Document) bool { return within(o.File, at) })
		if kind == "Compensation" {
			before := slices.DeleteFunc(here, func(o *manifest.Document) bool { return p.index(o) > p.index(d) })
			if len(before) > 0 {
				return before[len(before)-1:], nil
			}
		} else if len(here) > 0 {
			return here, nil
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return nil, fmt.Errorf("%s: there is no %s for this patch; give its name as the name of a folder, or under to in a timetable", d.At("[0]"), kind)
}

func (p *places) named(d *manifest.Document, kind string, names []string) ([]*manifest.Document, error) {
	var out []*manifest.Document
	for _, name := range names {
		found := p.of(kind, func(o *manifest.Document) bool { return o.Name == name })
		if len(found) == 0 {
			return nil, fmt.Errorf("%s: the timetable sends this patch to %s %q, which is not among the files", d.At("[0]"), kind, name)
		}
		out = append(out, found[0])
	}
	return out, nil
}

// of are the objects of a kind that are as asked, each once.
func (p *places) of(kind string, asked func(*manifest.Document) bool) []*manifest.Document {
	var out []*manifest.Document
	for _, d := range p.docs {
		twice := slices.ContainsFunc(out, func(o *manifest.Document) bool { return o.Name == d.Name && o.Namespace == d.Namespace })
		if d.Patch == nil && d.Known() && d.Kind == kind && !twice && asked(d) {
			out = append(out, d)
		}
	}
	return out
}

func (p *places) index(d *manifest.Document) int { return slices.Index(p.docs, d) }

// within says whether a file is in a folder, or below it.
func within(file, dir string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
