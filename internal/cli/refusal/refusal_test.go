package refusal

import (
	"errors"
	"net/http"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func status(code int32, reason metav1.StatusReason, message string, details *metav1.StatusDetails) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Code: code, Reason: reason, Message: message, Details: details}}
}

func TestOf(t *testing.T) {
	incidents := schema.GroupResource{Group: "recovery.amends.dev", Resource: "incidents"}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a mistake that was found here is told as it is": {
			err: errors.New("--within: 1d is no duration"), want: "--within: 1d is no duration",
		},
		"a missing right names the role that has it": {
			err:  status(http.StatusForbidden, metav1.StatusReasonForbidden, `incidents.recovery.amends.dev "coffee-0417" is forbidden: User "alice" cannot patch resource "incidents" in API group "recovery.amends.dev" in the namespace "hotel-b"`, nil),
			want: "alice may not patch incidents in namespace hotel-b\n  → ask for the role amends-agent there: kubectl create rolebinding alice -n hotel-b --clusterrole=amends-agent --user=alice",
		},
		"all namespaces are not for everybody": {
			err:  status(http.StatusForbidden, metav1.StatusReasonForbidden, `incidents.recovery.amends.dev is forbidden: User "alice" cannot list resource "incidents" in API group "recovery.amends.dev" at the cluster scope`, nil),
			want: "alice may not list incidents in the whole cluster\n  → look in one namespace: leave -A out, and name one with -n",
		},
		"an admission policy speaks for itself": {
			err: status(http.StatusForbidden, metav1.StatusReasonForbidden, `incidents.recovery.amends.dev "coffee-0417" is forbidden: ValidatingAdmissionPolicy 'amends-journal' with binding 'amends-journal' denied request: journal entry "x" is signed "by": "bob", but alice sends it: sign it "by": "alice"; to record what somebody else did, alice needs the verb record-for-others on incidents.recovery.amends.dev in namespace hotel-b`, nil),
			want: `journal entry "x" is signed "by": "bob", but alice sends it: sign it "by": "alice"; to record what somebody else did, alice needs the verb record-for-others on incidents.recovery.amends.dev in namespace hotel-b` +
				"\n  → leave --by out, and it is signed with your own name",
		},
		"a rule of the kind is told without its wrapping, once": {
			err: status(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "…", &metav1.StatusDetails{Causes: []metav1.StatusCause{
				{Field: "spec.journal", Message: `Invalid value: "array": the journal is nearly full: its last ten places are for completion`},
				{Field: "spec.journal", Message: `Invalid value: "array": the journal is nearly full: its last ten places are for completion`},
				{Field: "<nil>", Message: `Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation`},
			}}),
			want: "the journal is nearly full: its last ten places are for completion\n  → kubectl amends merge INCIDENT INTO carries on in another incident",
		},
		"a bound of the schema names the field": {
			err: status(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "…", &metav1.StatusDetails{Causes: []metav1.StatusCause{
				{Field: "spec.journal[0].note", Message: `Too long: may not be more than 4096 bytes`},
				{Field: "spec.severity", Message: `Unsupported value: "Bad": supported values: "Low", "Medium"`},
				{Field: "spec.customer.id", Message: `Invalid value: "": spec.customer.id in body should be at least 1 chars long`},
			}}),
			want: "spec.journal[0].note: Too long: may not be more than 4096 bytes\nspec.severity: Unsupported value: \"Bad\": supported values: \"Low\", \"Medium\"\nspec.customer.id in body should be at least 1 chars long",
		},
		"an incident that is not there": {
			err: apierrors.NewNotFound(incidents, "coffee"), want: "there is no incident coffee here\n  → kubectl amends get -A shows all incidents; name the namespace with -n",
		},
		"a cluster without Amends": {
			err:  status(http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource", &metav1.StatusDetails{Kind: "incidents"}),
			want: "this cluster does not know Amends: the server could not find the requested resource\n  → kubectl amends check says what is missing",
		},
		"an API server that is not there": {
			err: syscall.ECONNREFUSED, want: "the API server cannot be reached: connection refused\n  → check --context and the network; nothing was written",
		},
		"somebody whom the API server does not know": {
			err: apierrors.NewUnauthorized("Unauthorized"), want: "the API server does not know you\n  → log in again, or name another user with --user or --context",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Of(c.err).String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
