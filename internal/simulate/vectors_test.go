package simulate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestVectors plays each folder of testdata/vectors and holds the JSON that comes of it
// against the lines of its expect.txt:
//
//	KIND/NAME CLOCK FIELD = VALUE        a field of a clock at the end
//	KIND/NAME . FIELD = VALUE            a field of the status at the end
//	condition KIND/NAME TYPE = REASON    the reason of a condition at the end
//	period KIND/NAME START FIELD = N     a sum of a period of a budget, in cents
//	event AT KIND/NAME WHAT REASON WORDS an event, with these words in its message
//	never KIND/NAME WHAT REASON          no such event
//	count KIND[/NAME] WHAT REASON = N    so many such events
func TestVectors(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("testdata/vectors/*")
	if err != nil {
		t.Fatal(err)
	}
	const vectors = 40
	if len(dirs) < vectors {
		t.Errorf("%d vectors, want %d", len(dirs), vectors)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := simulated(t, dir).WriteJSON(&out); err != nil {
				t.Fatal(err)
			}
			var got told
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, "expect.txt"))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(data)) {
				if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
					if wrong := got.check(line); wrong != "" {
						t.Errorf("%s: %s", line, wrong)
					}
				}
			}
			if t.Failed() {
				for _, e := range got.Events {
					t.Logf("%s %s/%s %s %s: %s", e.At.Format(time.RFC3339), e.Kind, e.Name, e.What, e.Reason, e.Message)
				}
			}
		})
	}
}

// told is a transcript as a program reads it.
type told struct {
	Events  []Event `json:"events"`
	Objects []struct {
		Kind, Name string
		Status     map[string]any
	} `json:"objects"`
}

// check says what is wrong with a line, or nothing.
func (g *told) check(line string) string {
	left, want, _ := strings.Cut(line, " =")
	want = strings.TrimSpace(want)
	words := strings.Fields(left)
	var got string
	switch words[0] {
	case "event":
		return g.event(words)
	case "never":
		if n := g.count(words[1], words[2], words[3]); n != 0 {
			return strconv.Itoa(n) + " times"
		}
		return ""
	case "count":
		got = strconv.Itoa(g.count(words[1], words[2], words[3]))
	case "condition":
		got = field(element(g.status(words[1]), "conditions", "type", words[2]), "reason")
	case "period":
		got = field(element(g.status(words[1]), "periods", "start", words[2]), words[3])
	default:
		from := g.status(words[0])
		if words[1] != "." {
			if from = element(from, "clocks", "name", words[1]); from == nil {
				return "there is no such clock"
			}
		}
		got = field(from, words[2])
	}
	if !same(got, want) {
		return fmt.Sprintf("it is %q", got)
	}
	return ""
}

// same compares texts, and instants as instants.
func same(a, b string) bool {
	x, errX := time.Parse(time.RFC3339Nano, a)
	y, errY := time.Parse(time.RFC3339Nano, b)
	if errX == nil && errY == nil {
		return x.Equal(y)
	}
	return a == b
}

func (g *told) status(subject string) map[string]any {
	for _, o := range g.Objects {
		if o.Kind+"/"+o.Name == subject {
			return o.Status
		}
	}
	return nil
}

func element(from map[string]any, list, key, value string) map[string]any {
	all, _ := from[list].([]any)
	for _, each := range all {
		if m, ok := each.(map[string]any); ok && m[key] == value {
			return m
		}
	}
	return nil
}

// field is a value as text; empty where there is none.
func field(from map[string]any, name string) string {
	if v, ok := from[name]; ok {
		return fmt.Sprint(v)
	}
	return ""
}

func (g *told) count(subject, what, reason string) int {
	n := 0
	for i := range g.Events {
		e := &g.Events[i]
		if (e.Kind == subject || e.Kind+"/"+e.Name == subject) && e.What == what && e.Reason == reason {
			n++
		}
	}
	return n
}

func (g *told) event(words []string) string {
	text := strings.Join(words[5:], " ")
	for i := range g.Events {
		e := &g.Events[i]
		if same(e.At.Format(time.RFC3339), words[1]) && e.Kind+"/"+e.Name == words[2] && e.What == words[3] && e.Reason == words[4] && strings.Contains(e.Message, text) {
			return ""
		}
	}
	return "there is no such event"
}
