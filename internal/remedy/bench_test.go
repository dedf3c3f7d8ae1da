package remedy_test

import (
	"testing"

	"github.com/amends-dev/amends/internal/remedy"
)

func BenchmarkJudge(b *testing.B) {
	w := desk(b, twoOffers)
	f := w.facts(asked)
	b.ReportAllocs()
	for b.Loop() {
		remedy.Judge(f, asked)
	}
}

func BenchmarkRecord(b *testing.B) {
	w := desk(b)
	f, o := w.facts(asked), granted("40.00", "frontline")
	b.ReportAllocs()
	for b.Loop() {
		remedy.Record(f, o, asked)
	}
}
