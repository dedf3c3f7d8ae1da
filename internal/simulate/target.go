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

// kindsOf are the kinds of object that a patch may be for, by what it changes: the one of the
// first operation that tells one, such as that after a test of the metadata; else those of
// the first that tells some. None means any: only a name can tell.
func kindsOf(d *manifest.Document) []string {
	var out []string
	for _, o := range d.Patch {
		has := manifest.KindsWith(o.Path)
		if len(has) == 1 {
			return has
		}
		if len(out) == 0 {
			out = has
		}
	}
	return out
}

// targets are the objects that a patch goes to: those that the timetable names; else the
// one whose name a folder above the file has; else, where the patch tells its kind, the
// incidents, or the Compensation that was described last before it, of the nearest folder
// that has any.
func (p *places) targets(d *manifest.Document, on []string) ([]*manifest.Document, error) {
	kinds := kindsOf(d)
	switch {
	case len(on) > 0:
		return p.named(d, kinds, on)
	case len(kinds) != 1:
		return p.byFolder(d, kinds)
	}
	kind := kinds[0]
	for at := filepath.Dir(d.File); ; at = filepath.Dir(at) {
		if named := p.of(kinds, func(o *manifest.Document) bool { return o.Name == filepath.Base(at) }); len(named) == 1 {
			return named, nil
		}
		here := p.of(kinds, func(o *manifest.Document) bool { return within(o.File, at) })
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

// byFolder is the object of a patch that does not tell its kind: the one whose name the
// nearest folder has that has the name of any.
func (p *places) byFolder(d *manifest.Document, kinds []string) ([]*manifest.Document, error) {
	for at := filepath.Dir(d.File); ; at = filepath.Dir(at) {
		found := p.of(kinds, func(o *manifest.Document) bool { return o.Name == filepath.Base(at) })
		switch {
		case len(found) == 1:
			return found, nil
		case len(found) > 1:
			return nil, fmt.Errorf("%s: no operation of this patch tells which of %s it is for; name one under to in a timetable, as KIND/NAME", d.At("[0]"), full(found))
		case at == filepath.Dir(at):
			return nil, fmt.Errorf("%s: no operation of this patch tells the kind of object that it is for, and no folder above it has the name of one among the files; "+
				"put it into a folder of that name, or name the object under to in a timetable", d.At("[0]"))
		}
	}
}

// named are the objects that the timetable names.
func (p *places) named(d *manifest.Document, kinds, names []string) ([]*manifest.Document, error) {
	var out []*manifest.Document
	for _, name := range names {
		found := p.of(kinds, func(o *manifest.Document) bool { return isCalled(o, name) })
		switch {
		case len(found) == 0 && len(kinds) == 0:
			return nil, fmt.Errorf("%s: the timetable sends this patch to %q, which is not among the files", d.At("[0]"), name)
		case len(found) == 0:
			return nil, fmt.Errorf("%s: the timetable sends this patch to %s %q, which is not among the files", d.At("[0]"), strings.Join(kinds, " or "), name)
		case len(found) > 1:
			return nil, fmt.Errorf("%s: the timetable sends this patch to %q, and that may be any of %s; write KIND/NAME, or NAMESPACE/NAME", d.At("[0]"), name, full(found))
		}
		out = append(out, found[0])
	}
	return out, nil
}

// isCalled says whether an object is meant by a name, alone or after its kind or namespace.
func isCalled(o *manifest.Document, name string) bool {
	return slices.Contains([]string{o.Name, o.Kind + "/" + o.Name, o.Namespace + "/" + o.Name}, name)
}

// full are the names of objects, with what tells them apart.
func full(objects []*manifest.Document) string {
	var out []string
	for _, o := range objects {
		name := o.Kind + "/" + o.Name
		if o.Namespace != "" {
			name += " in " + o.Namespace
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// of are the objects of the kinds, or of any without one, that are as asked, each once.
func (p *places) of(kinds []string, asked func(*manifest.Document) bool) []*manifest.Document {
	var out []*manifest.Document
	for _, d := range p.docs {
		twice := slices.ContainsFunc(out, func(o *manifest.Document) bool {
			return o.Kind == d.Kind && o.Name == d.Name && o.Namespace == d.Namespace
		})
		if d.Patch == nil && d.Known() && (len(kinds) == 0 || slices.Contains(kinds, d.Kind)) && !twice && asked(d) {
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
