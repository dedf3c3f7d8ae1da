package policy

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// costLimit bounds one evaluation, in CEL's own cost units: some ten milliseconds, and
// a hundred times what it takes to search a long note. A bound in cost and not in time
// makes every evaluation end the same way on every machine. See also checkBounded.
const costLimit = 100_000

// Header is what an expression sees of an incident under the name incident.
type Header struct {
	// Metadata is the incident's name and labels.
	Metadata HeaderMetadata `json:"metadata"`
	// Spec is the header of the incident, as amended.
	Spec HeaderSpec `json:"spec"`
}

// HeaderMetadata is what an expression sees of an incident's metadata.
type HeaderMetadata struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
}

// HeaderSpec is what an expression sees of an incident's spec: all but the journal.
type HeaderSpec struct {
	Summary    v1alpha1.Text       `json:"summary"`
	Customer   v1alpha1.Customer   `json:"customer"`
	Severity   v1alpha1.Severity   `json:"severity"`
	Category   v1alpha1.Category   `json:"category"`
	Service    v1alpha1.Service    `json:"service"`
	DetectedBy v1alpha1.DetectedBy `json:"detectedBy"`
}

// NewHeader is the header of an incident as reported.
func NewHeader(inc *v1alpha1.Incident) Header {
	return Header{
		Metadata: HeaderMetadata{Name: inc.Name, Namespace: inc.Namespace, Labels: inc.Labels},
		Spec: HeaderSpec{
			Summary:    inc.Spec.Summary,
			Customer:   inc.Spec.Customer,
			Severity:   inc.Spec.Severity,
			Category:   inc.Spec.Category,
			Service:    inc.Spec.Service,
			DetectedBy: inc.Spec.DetectedBy,
		},
	}
}

// Vars is what an expression sees. A selector sees the header alone; when sees the
// severity and the round too; requires also sees the entry.
type Vars struct {
	Header   Header
	Severity v1alpha1.Severity
	Round    int
	Entry    *v1alpha1.JournalEntry
}

func (v Vars) activation() map[string]any {
	out := map[string]any{
		"incident": celValue(reflect.ValueOf(v.Header)),
		"severity": string(v.Severity),
		"round":    int64(v.Round),
		"tier":     v.Header.Spec.Customer.Tier,
		"category": string(v.Header.Spec.Category),
	}
	if v.Entry != nil {
		out["entry"] = celValue(reflect.ValueOf(v.Entry))
	}
	return out
}

// scope is where an expression stands, which decides what it sees.
type scope int

const (
	scopeSelector scope = iota
	scopeWhen
	scopeRequires
)

// environments are the CEL environments of the scopes, made once: the functions are
// those of Kubernetes admission policies.
var environments = sync.OnceValues(func() ([3]*cel.Env, error) {
	var out [3]*cel.Env
	header := declType("Incident", reflect.TypeFor[Header]())
	entry := declType("JournalEntry", reflect.TypeFor[v1alpha1.JournalEntry]())
	options := []cel.EnvOption{cel.Variable("incident", header.CelType())}
	types := []*apiservercel.DeclType{header}
	base := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	for s := scopeSelector; s <= scopeRequires; s++ {
		switch s {
		case scopeWhen:
			options = append(options,
				cel.Variable("severity", cel.StringType), cel.Variable("round", cel.IntType),
				cel.Variable("tier", cel.StringType), cel.Variable("category", cel.StringType))
		case scopeRequires:
			options = append(options, cel.Variable("entry", entry.CelType()))
			types = append(types, entry)
		}
		set, err := base.Extend(environment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0), EnvOptions: options, DeclTypes: types,
		})
		if err != nil {
			return out, fmt.Errorf("making the CEL environment: %w", err)
		}
		if out[s], err = set.Env(environment.StoredExpressions); err != nil {
			return out, fmt.Errorf("making the CEL environment: %w", err)
		}
	}
	return out, nil
})

// Program is a compiled expression.
type Program struct {
	source  v1alpha1.Expression
	program cel.Program
}

// compileExpression compiles an expression that yields a bool.
func compileExpression(source v1alpha1.Expression, s scope) (*Program, error) {
	envs, err := environments()
	if err != nil {
		return nil, err
	}
	ast, issues := envs[s].Compile(string(source))
	if issues.Err() != nil {
		return nil, fmt.Errorf("the expression does not compile: %s", oneLine(issues.Err().Error()))
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("the expression yields %s; it must yield true or false", ast.OutputType())
	}
	if err := checkBounded(ast); err != nil {
		return nil, err
	}
	p, err := envs[s].Program(ast, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost))
	if err != nil {
		return nil, fmt.Errorf("the expression cannot be planned: %s", oneLine(err.Error()))
	}
	return &Program{source: source, program: p}, nil
}

// Eval evaluates the expression. A failure, also that of the cost limit, is false
// and an error for people.
func (p *Program) Eval(v Vars) (bool, error) {
	return p.EvalWithin(v, NewBudget())
}

// EvalWithin evaluates the expression within what is left of a budget. Once the budget
// is used up, expressions fail without being evaluated.
func (p *Program) EvalWithin(v Vars, b *Budget) (bool, error) {
	if b.left == 0 {
		return false, p.failure("what this completion requires has cost as much as it may; make the expressions simpler")
	}
	out, details, err := p.program.Eval(v.activation())
	cost := uint64(costLimit)
	if details != nil && details.ActualCost() != nil {
		cost = *details.ActualCost()
	}
	b.left -= min(b.left, cost)
	if err != nil {
		return false, p.failure(oneLine(err.Error()))
	}
	return out.Value() == true, nil
}

// failure puts the cause first: a message that is cut keeps it.
func (p *Program) failure(cause string) error {
	return fmt.Errorf("it failed and counts as false: %s, in %q", cause, p.source)
}

// Budget is what several expressions may cost together: as much as one of them alone.
type Budget struct {
	left uint64
}

// NewBudget is a budget of which nothing is used.
func NewBudget() *Budget {
	return &Budget{left: costLimit}
}

// oneLine folds a message of CEL, which draws a picture of the place, to one line.
func oneLine(s string) string {
	lines := strings.Split(s, "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "|") {
			kept = append(kept, strings.TrimPrefix(l, "ERROR: <input>:"))
		}
	}
	return strings.Join(kept, "; ")
}
