package view

// Grade says how a thing that was looked at stands.
type Grade int

// The grades. What could not be looked at is no fault.
const (
	Fine Grade = iota
	Unseen
	Doubtful
	Wrong
)

// Finding is what was found of one thing.
type Finding struct {
	// Grade says how it stands.
	Grade Grade
	// What was looked at.
	What string
	// Said is what was found.
	Said string
	// Do is what to do about it; only what is fine has nothing.
	Do string
}

// Check lists findings, with what to do below each.
func (f *Frame) Check(findings []Finding) []string {
	signs := map[Grade]string{Fine: "✓", Unseen: "?", Doubtful: "!", Wrong: "✗"}
	tones := map[Grade]Tone{Fine: Good, Unseen: Faint, Doubtful: Warning, Wrong: Bad}
	width := 0
	for i := range findings {
		width = max(width, Width(findings[i].What))
	}
	var out []string
	for i := range findings {
		l := &findings[i]
		prefix := signs[l.Grade] + " " + pad(l.What, width) + "  "
		rows := hang(prefix, Clean(l.Said), f.Width)
		rows[0] = f.Paint.Paint(tones[l.Grade], rows[0])
		out = append(out, rows...)
		if l.Do != "" {
			out = append(out, hang(pad("", Width(prefix))+"→ ", l.Do, f.Width)...)
		}
	}
	return out
}
