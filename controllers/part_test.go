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
	all := ofIncidents(t, Part{})
	if all.Label != nil || all.Transform == nil {
		t.Fatalf("an operator that does all of the work must keep all incidents, and small: %+v", all)
	}
	if how := ofIncidents(t, Part{Shard: "a", Incidents: selecting(t, "shard=a"), IncidentsOnly: true}); how.Label == nil || how.Label.String() != "shard=a" {
		t.Errorf("a shard keeps the incidents that %v selects; want its own alone", how.Label)
	}
	keeper := ofIncidents(t, Part{Incidents: selecting(t, "!shard")})
	if keeper.Label != nil || keeper.Transform == nil {
		t.Fatalf("the keeper must know of all incidents, and keep an outline of those of others: %+v", keeper)
	}
	for name, c := range map[string]struct {
		how    cache.ByObject
		labels map[string]string
		want   int
	}{
		"the keeper's own":               {keeper, nil, 1},
		"another's":                      {keeper, map[string]string{"shard": "a"}, 0},
		"all of one that does all of it": {all, map[string]string{"shard": "a"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inc := fixture.Incident("coffee", fixture.WithJournal(fixture.Entry("said-sorry").By("alice").Note("a towel")))
			inc.Labels = c.labels
			out, err := c.how.Transform(inc)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(out.(*v1alpha1.Incident).Spec.Journal); got != c.want {
				t.Errorf("%d entries are kept; want %d", got, c.want)
			}
		})
	}
}
