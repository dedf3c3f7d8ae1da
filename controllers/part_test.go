package controllers

import (
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func selecting(t *testing.T, text string) labels.Selector {
	t.Helper()
	s, err := labels.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ofIncidents is how a cache is to hold incidents.
func ofIncidents(t *testing.T, p Part) cache.ByObject {
	t.Helper()
	o, err := p.CacheOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	for object, how := range o.ByObject {
		if _, ok := object.(*v1alpha1.Incident); ok {
			return how
		}
	}
	return cache.ByObject{}
}

func TestWhatIsKeptOfIncidents(t *testing.T) {
	if how := ofIncidents(t, Part{}); how.Label != nil || how.Transform != nil {
		t.Errorf("an operator that does all of the work keeps incidents in another way than other kinds: %+v", how)
	}
	if how := ofIncidents(t, Part{Shard: "a", Incidents: selecting(t, "shard=a"), IncidentsOnly: true}); how.Label == nil || how.Label.String() != "shard=a" {
		t.Errorf("a shard keeps the incidents that %v selects; want its own alone", how.Label)
	}
	keeper := ofIncidents(t, Part{Incidents: selecting(t, "!shard")})
	if keeper.Label != nil || keeper.Transform == nil {
		t.Fatalf("the keeper must know of all incidents, and keep an outline of those of others: %+v", keeper)
	}
	for name, c := range map[string]struct {
		labels map[string]string
		want   int
	}{
		"its own":   {nil, 1},
		"another's": {map[string]string{"shard": "a"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inc := fixture.Incident("coffee", fixture.WithJournal(fixture.Entry("said-sorry").By("alice").Note("a towel")))
			inc.Labels = c.labels
			out, err := keeper.Transform(inc)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(out.(*v1alpha1.Incident).Spec.Journal); got != c.want {
				t.Errorf("%d entries are kept; want %d", got, c.want)
			}
		})
	}
}
