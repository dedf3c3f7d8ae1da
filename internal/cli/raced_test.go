package cli_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// raced is an API server on which somebody comes first: a remedy has nothing at first, and
// a choice once one tried to add another.
type raced struct {
	scripted
	choice *v1alpha1.CompensationChoice
	tried  bool
}

func (s *raced) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/compensations/r") {
		s.scripted.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", noon.Format(http.TimeFormat))
	if r.Method == http.MethodPatch {
		s.tried = true
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Code: http.StatusUnprocessableEntity, Reason: metav1.StatusReasonInvalid,
			Message: "the choice was made and stays",
		})
		return
	}
	comp := fixture.In("hotel", fixture.Compensation("r", "x", "front-desk", "35.00", fixture.AskedBy("lin"), fixture.Offering(
		v1alpha1.CompensationOffer{Name: "refund", Option: "refund", Amount: "35.00"}, v1alpha1.CompensationOffer{Name: "voucher", Option: "voucher", Amount: "50.00"})))
	comp.Status.Phase = v1alpha1.CompensationOffered
	if s.tried {
		comp.Spec.Choice = s.choice
	}
	_ = json.NewEncoder(w).Encode(comp)
}

// A write that was refused is looked into: the same fact by the same person is an answer
// that was lost, and anything else came first and is told.
func TestARefusedWrite(t *testing.T) {
	for name, c := range map[string]struct {
		choice *v1alpha1.CompensationChoice
		code   int
		says   string
	}{
		"the answer was lost":          {&v1alpha1.CompensationChoice{Offer: "refund", By: "alice"}, 0, "r: chosen: refund (chosen)"},
		"another choice came first":    {&v1alpha1.CompensationChoice{Offer: "voucher", By: "alice"}, 1, "r was chosen: voucher, by alice; nothing was written"},
		"somebody else came first":     {&v1alpha1.CompensationChoice{Offer: "refund", By: "bob"}, 1, "r was chosen: refund, by bob; nothing was written"},
		"it was refused for something": {nil, 1, "the choice was made and stays"},
	} {
		t.Run(name, func(t *testing.T) {
			server := &raced{choice: c.choice, scripted: scripted{
				mePath: object("authentication.k8s.io/v1", "SelfSubjectReview", map[string]any{"status": map[string]any{"userInfo": map[string]any{"username": "alice"}}}),
			}}
			out, errOut, code := runAgainst(t, server, noon, "choose", "r", "refund")
			if code != c.code || !strings.Contains(out+errOut, c.says) {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, c.code, c.says, out, errOut)
			}
		})
	}
}
