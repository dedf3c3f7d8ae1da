package incident

import (
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// What happens to an incident concerns whoever has it, and whoever had it until now.
func TestWhatConcernsAShard(t *testing.T) {
	labelled := func(shard string) *v1alpha1.Incident {
		inc := fixture.Incident("coffee")
		inc.Labels = map[string]string{"shard": shard}
		return inc
	}
	r := &Reconciler{Selector: labels.SelectorFromSet(labels.Set{"shard": "a"})}
	for name, c := range map[string]struct{ was, is, want bool }{
		"it is reported here":            {false, true, true},
		"it stays":                       {true, true, true},
		"it is moved away":               {true, false, true},
		"it is moved to here":            {false, true, true},
		"it is another's and stays that": {false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			shard := map[bool]string{true: "a", false: "b"}
			e := event.UpdateEvent{ObjectOld: labelled(shard[c.was]), ObjectNew: labelled(shard[c.is])}
			if got := r.chosen().Update(e); got != c.want {
				t.Errorf("an update concerns it: %t; want %t", got, c.want)
			}
			if got := r.chosen().Create(event.CreateEvent{Object: labelled(shard[c.is])}); got != c.is {
				t.Errorf("a creation concerns it: %t; want %t", got, c.is)
			}
			if got := r.chosen().Delete(event.DeleteEvent{Object: labelled(shard[c.is])}); got != c.is {
				t.Errorf("a deletion concerns it: %t; want %t", got, c.is)
			}
		})
	}
	all := &Reconciler{}
	if !all.mine(labelled("b")) {
		t.Error("without a selector, every incident is held to its policy here")
	}
}
