package cli_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/fixture"
)

// noon is when the scripted API server answers.
var noon = fixture.Instant("2026-10-02T12:00:00Z")

// scripted is an API server that answers by the end of the path, and otherwise as if
// nothing were allowed.
type scripted map[string]any

// failing is an answer that is an error of the server's.
const failing = http.StatusInternalServerError

func (s scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", noon.Format(http.TimeFormat))
	answer, ok := s[r.URL.Path]
	if code, fails := answer.(int); fails || !ok {
		if !ok {
			code = http.StatusForbidden
		}
		reason := map[int]metav1.StatusReason{http.StatusForbidden: metav1.StatusReasonForbidden, http.StatusNotFound: metav1.StatusReasonNotFound, failing: metav1.StatusReasonInternalError}[code]
		w.WriteHeader(code)
		answer = metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Code: int32(code), Reason: reason, //nolint:gosec // A code of HTTP.
			Message: r.URL.Path + " was not answered",
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// The paths of what check looks at.
const (
	versionPath  = "/version"
	mePath       = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
	rightsPath   = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
	policiesPath = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
	bindingsPath = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
	leasesPath   = "/apis/coordination.k8s.io/v1/namespaces/amends-system/leases"
	listPath     = "/apis/recovery.amends.dev/v1alpha1/namespaces/hotel/incidents"
)

var checkPaths = []string{mePath, rightsPath, policiesPath, bindingsPath, leasesPath, leasesPath + "/amends-manager", listPath, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/businesscalendars.recovery.amends.dev"}

// object is an answer with its kind.
func object(apiVersion, kind string, fields map[string]any) map[string]any {
	fields["apiVersion"], fields["kind"] = apiVersion, kind
	return fields
}

// admitted are admission policies of ours, and bindings of them.
func admitted(prefix string, bindings []admissionregistrationv1.ValidatingAdmissionPolicyBinding, names ...string) scripted {
	var policies []admissionregistrationv1.ValidatingAdmissionPolicy
	for _, name := range names {
		p := admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: prefix + name}}
		p.Spec.MatchConstraints = &admissionregistrationv1.MatchResources{ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{
			{RuleWithOperations: admissionregistrationv1.RuleWithOperations{Rule: admissionregistrationv1.Rule{APIGroups: []string{v1alpha1.GroupVersion.Group}}}},
		}}
		policies = append(policies, p)
	}
	other := admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "of-somebody-else"}}
	const group = "admissionregistration.k8s.io/v1"
	return scripted{
		policiesPath: object(group, "ValidatingAdmissionPolicyList", map[string]any{"items": append(policies, other)}),
		bindingsPath: object(group, "ValidatingAdmissionPolicyBindingList", map[string]any{"items": bindings}),
	}
}

func binding(policy string, change func(*admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec)) admissionregistrationv1.ValidatingAdmissionPolicyBinding {
	b := admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: policy}}
	b.Spec.PolicyName, b.Spec.ValidationActions = policy, []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny}
	if change != nil {
		change(&b.Spec)
	}
	return b
}

func leases(items ...coordinationv1.Lease) scripted {
	return scripted{leasesPath: object("coordination.k8s.io/v1", "LeaseList", map[string]any{"items": items})}
}

// lease is a lease that somebody renewed so long ago.
func lease(name, holder string, ago time.Duration) coordinationv1.Lease {
	renewed, lasts := metav1.NewMicroTime(noon.Add(-ago)), int32(15)
	return coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: "amends-system", Name: name},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, RenewTime: &renewed, LeaseDurationSeconds: &lasts},
	}
}

// checkAgainst runs check against a scripted API server, whose version is told.
func checkAgainst(t *testing.T, clock time.Time, scripts ...scripted) (lines []string, code int) {
	t.Helper()
	all := scripted{versionPath: map[string]string{"major": "1", "minor": "36", "gitVersion": "v1.36.0"}}
	for _, s := range scripts {
		maps.Copy(all, s)
	}
	out, errOut, code := runAgainst(t, all, clock, "check")
	if errOut != "" {
		t.Errorf("it complains: %s", errOut)
	}
	return strings.Split(strings.TrimRight(out, "\n"), "\n"), code
}

// runAgainst runs a command line against a scripted API server.
func runAgainst(t *testing.T, handler http.Handler, clock time.Time, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config := clientcmdapi.NewConfig()
	config.Clusters["scripted"] = &clientcmdapi.Cluster{Server: server.URL}
	config.Contexts["scripted"] = &clientcmdapi.Context{Cluster: "scripted", Namespace: "hotel"}
	config.CurrentContext = "scripted"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	f := &cli.Factory{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Clock:     clocktesting.NewFakePassiveClock(clock), Version: "test",
	}
	code = cli.Run(t.Context(), f, append([]string{"--kubeconfig", path}, args...))
	return out.String(), errOut.String(), code
}

// Whatever an API server answers, each line that is not good says what to do.
func TestCheckSaysWhatToDo(t *testing.T) {
	incident := fixture.In("hotel", fixture.Created(noon.Add(-time.Hour), fixture.Incident("x")))
	incident.Generation = 2
	late := object(v1alpha1.GroupVersion.String(), "IncidentList", map[string]any{"items": []any{incident}})
	who := scripted{mePath: object("authentication.k8s.io/v1", "SelfSubjectReview", map[string]any{"status": map[string]any{"userInfo": map[string]any{"username": "alice"}}})}
	nothing := scripted{rightsPath: object("authorization.k8s.io/v1", "SelfSubjectAccessReview", map[string]any{"spec": map[string]any{}, "status": map[string]any{"allowed": false}})}
	for name, c := range map[string]struct {
		clock   time.Time
		scripts []scripted
	}{
		"nothing may be read":           {noon, nil},
		"nothing is there":              {noon, everywhere(http.StatusNotFound)},
		"the server fails":              {noon, everywhere(failing)},
		"the server is not there":       {noon, []scripted{{versionPath: failing}}},
		"an old server":                 {noon, []scripted{{versionPath: map[string]string{"major": "1", "minor": "32", "gitVersion": "v1.32.0"}}}},
		"another clock":                 {noon.Add(time.Hour), nil},
		"nothing is allowed":            {noon, []scripted{who, nothing}},
		"rights cannot be asked for":    {noon, []scripted{who, {rightsPath: failing}}},
		"the operator is behind":        {noon, []scripted{{listPath: late}}},
		"no policies":                   {noon, []scripted{admitted("", nil)}},
		"policies without bindings":     {noon, []scripted{admitted("", nil, "amends-journal", "amends-deletions")}},
		"bindings that cannot be read":  {noon, []scripted{admitted("", nil, "amends-journal"), {bindingsPath: failing}}},
		"bindings that one may not see": {noon, []scripted{admitted("", nil, "amends-journal"), {bindingsPath: http.StatusForbidden}}},
		"no leases":                     {noon, []scripted{leases()}},
		"leases that nobody holds":      {noon, []scripted{leases(lease("amends-manager", "", 0), lease("amends-manager-a", "x", time.Hour))}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, _ := checkAgainst(t, c.clock, c.scripts...)
			worst := 0
			for i, line := range lines {
				if !strings.HasPrefix(line, "?") && !strings.HasPrefix(line, "!") && !strings.HasPrefix(line, "✗") {
					continue
				}
				worst++
				if i+1 == len(lines) || !strings.Contains(lines[i+1], "→ ") {
					t.Errorf("it does not say what to do: %s", line)
				}
			}
			if worst == 0 {
				t.Errorf("all is well: %q", lines)
			}
		})
	}
}

// everywhere answers all that is looked at so.
func everywhere(code int) []scripted {
	s := scripted{}
	for _, path := range checkPaths {
		s[path] = code
	}
	return []scripted{s}
}

func TestCheckLooksAtBindings(t *testing.T) {
	names := []string{"amends-journal", "amends-compensations", "amends-operator-fields", "amends-deletions"}
	bound := func(prefix string) (out []admissionregistrationv1.ValidatingAdmissionPolicyBinding) {
		for _, name := range names {
			out = append(out, binding(prefix+name, nil))
		}
		return out
	}
	partly := bound("")
	partly[0] = binding(names[0], func(s *admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec) {
		s.ValidationActions = []admissionregistrationv1.ValidationAction{admissionregistrationv1.Warn}
	})
	partly[1].Spec.MatchResources = &admissionregistrationv1.MatchResources{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}}
	partly[2].Spec.PolicyName = "of-somebody-else"
	for name, c := range map[string]struct {
		script scripted
		code   int
		says   []string
	}{
		"all are in force":       {admitted("", bound(""), names...), 0, []string{"✓ admission  amends-journal is in force", "✓ admission  amends-compensations is in force", "✓ admission  amends-operator-fields is in force", "✓ admission  amends-deletions is in force"}},
		"under a name prefix":    {admitted("acme-", bound("acme-"), names...), 0, []string{"✓ admission  acme-amends-journal is in force", "✓ admission  acme-amends-deletions is in force"}},
		"none is bound":          {admitted("", nil, names...), 1, []string{"✗ admission  amends-journal is not bound, and enforces nothing", "✗ admission  amends-deletions is not bound"}},
		"each in another way":    {admitted("", partly, names...), 1, []string{"✗ admission  amends-journal denies nothing", "! admission  amends-compensations is in force only where its binding matches", "✗ admission  amends-operator-fields is not bound", "✓ admission  amends-deletions is in force"}},
		"one is missing":         {admitted("", bound(""), names[1:]...), 1, []string{"✗ admission  amends-journal is missing: nothing sees to it that entries are signed", "✓ admission  amends-deletions is in force"}},
		"none was installed":     {admitted("", nil), 0, []string{"! admission  nothing holds people to their own names"}},
		"those of somebody else": {admitted("", []admissionregistrationv1.ValidatingAdmissionPolicyBinding{binding("of-somebody-else", nil)}), 0, []string{"! admission  nothing holds people"}},
	} {
		t.Run(name, func(t *testing.T) {
			who := scripted{mePath: object("authentication.k8s.io/v1", "SelfSubjectReview", map[string]any{"status": map[string]any{"userInfo": map[string]any{"username": "alice"}}})}
			lines, code := checkAgainst(t, noon, c.script, who)
			for _, want := range c.says {
				if out := strings.Join(lines, "\n"); !strings.Contains(out, want) {
					t.Errorf("it does not say %q:\n%s", want, out)
				}
			}
			if code != c.code {
				t.Errorf("exit code %d, want %d:\n%s", code, c.code, strings.Join(lines, "\n"))
			}
		})
	}
}

func TestCheckListsTheLeasesOfShards(t *testing.T) {
	lines, code := checkAgainst(t, noon, leases(
		lease("amends-manager-b", "host-b", 3*time.Second), lease("amends-manager", "host", 2*time.Second),
		lease("amends-manager-a", "host-a", time.Minute), lease("amends-managers", "somebody", 0), lease("kube-controller-manager", "somebody", 0),
	))
	out := strings.Join(lines, "\n")
	for _, want := range []string{
		"✓ operator   amends-manager: host leads, and said so 2s ago\n✗ operator   amends-manager-a: nobody holds the lease: no deadline of that part is watched\n",
		"kubectl -n amends-system delete lease amends-manager-a\n✓ operator   amends-manager-b: host-b leads, and said so 3s ago\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "somebody") || code != 1 {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	one := scripted{leasesPath + "/amends-manager": lease("amends-manager", "host", 2*time.Second)}
	if lines, _ := checkAgainst(t, noon, one); !strings.Contains(strings.Join(lines, "\n"), "amends-manager: host leads") {
		t.Errorf("who may read the one lease alone: %q", lines)
	}
}

// What is younger than the grace tells nothing of the operator: neither that it answers,
// nor that it does not.
func TestCheckSaysHowManyWereAnswered(t *testing.T) {
	incident := func(name string, age time.Duration, answered bool) *v1alpha1.Incident {
		inc := fixture.In("hotel", fixture.Created(noon.Add(-age), fixture.Incident(name)))
		inc.Generation = 1
		if answered {
			inc.Status.ObservedGeneration = 1
		}
		return inc
	}
	young, younger := incident("a", 3*time.Second, false), incident("b", time.Second, false)
	answered, old := incident("c", time.Hour, true), incident("d", time.Hour, false)
	held := leases(lease("amends-manager", "host", 2*time.Second))
	for name, c := range map[string]struct {
		leases    scripted
		incidents []any
		says      string
	}{
		"all are young and no lease is there":  {leases(), []any{young, younger}, "! lag        the operator has answered 0 of 2 incidents in namespace hotel; too young to tell: 2, younger than 10s\n             → see whether the operator runs: kubectl -n amends-system get pods; and check again in 10s"},
		"all are young and nobody holds it":    {leases(lease("amends-manager", "host", time.Hour)), []any{young}, "! lag        the operator has answered 0 of 1 incidents in namespace hotel; too young to tell: 1"},
		"all are young and it cannot be read":  {nil, []any{young}, "! lag        the operator has answered 0 of 1 incidents"},
		"all are young and somebody leads":     {held, []any{young, younger}, "✓ lag        the operator has answered 0 of 2 incidents in namespace hotel; too young to tell: 2, younger than 10s"},
		"some are young, and one was answered": {leases(), []any{young, answered}, "✓ lag        the operator has answered 1 of 2 incidents in namespace hotel; too young to tell: 1, younger than 10s"},
		"all were answered":                    {leases(), []any{answered}, "✓ lag        the operator has answered all 1 incidents in namespace hotel"},
		"one waits":                            {held, []any{young, answered, old}, "✗ lag        1 incidents wait for the operator"},
		"there is none, and no lease":          {leases(), []any{}, "! lag        there is no incident in namespace hotel that tells whether the operator answers"},
		"there is none, and somebody leads":    {held, []any{}, "✓ lag        there is no incident in namespace hotel"},
	} {
		t.Run(name, func(t *testing.T) {
			lines, _ := checkAgainst(t, noon, c.leases, scripted{listPath: object(v1alpha1.GroupVersion.String(), "IncidentList", map[string]any{"items": c.incidents})})
			if out := strings.Join(lines, "\n"); !strings.Contains(out, c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, out)
			}
		})
	}
}
