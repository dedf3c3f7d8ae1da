package policy_test

import (
	"strings"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// coffee is an incident as expressions see it.
func coffee(opts ...fixture.IncidentOption) policy.Header {
	inc := fixture.In("hotel-b", fixture.Incident("coffee", opts...))
	return policy.NewHeader(fixture.Labelled("site", "hotel-b", inc))
}

func gold(i *v1alpha1.Incident) {
	i.Spec.Customer.Tier = "Gold"
	i.Spec.Customer.ContactHours = &v1alpha1.ContactHours{From: "09:00", To: "21:00"}
}

// compileWhen compiles a policy with one conditional step.
func compileWhen(expression v1alpha1.Expression) (*policy.Program, []policy.Problem) {
	p, problems := compile(policySpec(fix(when(expression))))
	if len(problems) > 0 {
		return nil, problems
	}
	return p.Steps[0].When, nil
}

// compileRequires compiles a policy with one further demand.
func compileRequires(expression v1alpha1.Expression) (*policy.Program, []policy.Problem) {
	p, problems := compile(policySpec(fix(requires(expression, "do it"))))
	if len(problems) > 0 {
		return nil, problems
	}
	return p.Steps[0].Requires[0].Expression, nil
}

func TestCompileRefusesExpressions(t *testing.T) {
	t.Parallel()
	selecting := func(e v1alpha1.Expression) v1alpha1.RecoveryPolicySpec {
		return with(policySpec(sorry()), func(s *v1alpha1.RecoveryPolicySpec) { s.Selector = &v1alpha1.IncidentSelector{Expression: e} })
	}
	const on, asks, selects = "spec.steps[0].when", "spec.steps[0].requires[0].expression", "spec.selector.expression"
	checkProblems(t, map[string]problemCase{
		"no CEL":                         {policySpec(fix(when("tier =="))), invalid, on, "the expression does not compile"},
		"no CEL in requires":             {policySpec(fix(requires("&& true", "x"))), invalid, asks, "the expression does not compile"},
		"no CEL in a selector":           {selecting("incident."), invalid, selects, "the expression does not compile"},
		"a string":                       {policySpec(fix(when("severity"))), invalid, on, "the expression yields string; it must yield true or false"},
		"a number":                       {policySpec(fix(requires("round + 1", "x"))), invalid, asks, "the expression yields int; it must yield true or false"},
		"a string from a selector":       {selecting("incident.spec.service"), invalid, selects, "yields string"},
		"a misspelt field":               {policySpec(fix(when(`incident.spec.custmer.tier == "Gold"`))), invalid, on, "undefined field 'custmer'"},
		"a misspelt field, deeper":       {policySpec(fix(when(`incident.spec.customer.teir == "Gold"`))), invalid, on, "undefined field 'teir'"},
		"a misspelt field of the entry":  {policySpec(fix(requires(`entry.notes.size() >= 6`, "x"))), invalid, asks, "undefined field 'notes'"},
		"a misspelt field of a contact":  {policySpec(fix(requires(`entry.contact.reach`, "x"))), invalid, asks, "undefined field 'reach'"},
		"the status, which is derived":   {policySpec(fix(when(`incident.status.phase == "Open"`))), invalid, on, "undefined field 'status'"},
		"the journal, which grows":       {policySpec(fix(when(`incident.spec.journal.size() > 0`))), invalid, on, "undefined field 'journal'"},
		"a type that does not fit":       {policySpec(fix(when(`incident.spec.severity == 3`))), invalid, on, "no matching overload"},
		"an unknown variable":            {policySpec(fix(when(`level == "Gold"`))), invalid, on, "undeclared reference to 'level'"},
		"the entry before there is one":  {policySpec(fix(when(`has(entry.note)`))), invalid, on, "undeclared reference to 'entry'"},
		"the round in a selector":        {selecting("round == 1"), invalid, selects, "undeclared reference to 'round'"},
		"the severity in a selector":     {selecting(`severity == "Low"`), invalid, selects, "undeclared reference to 'severity'"},
		"the time, which nobody handed":  {policySpec(fix(when(`now() > timestamp("2026-10-02T08:00:00Z")`))), invalid, on, "undeclared reference to 'now'"},
		"a regular expression, no valid": {policySpec(fix(when(`tier.matches("(")`))), invalid, on, "invalid matches argument"},
	})
}

func TestExpressionProblemsAreOneLine(t *testing.T) {
	t.Parallel()
	_, problems := compileWhen("tier == nobody &&\n  severity == nothing")
	if len(problems) != 1 {
		t.Fatalf("there are %d problems, want 1", len(problems))
	}
	text := problems[0].String()
	if strings.ContainsAny(text, "\n|^") || strings.Contains(text, "ERROR") {
		t.Errorf("the problem is a picture: %q", text)
	}
	for _, part := range []string{"nobody", "nothing"} {
		if !strings.Contains(text, part) {
			t.Errorf("the problem does not name %s: %s", part, text)
		}
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	low := policy.Vars{Header: coffee(gold, fixture.OfCategory("beverage")), Severity: "High", Round: 2}
	for expression, want := range map[v1alpha1.Expression]bool{
		`true`:                                                            true,
		`severity == "High"`:                                              true,
		`incident.spec.severity == "Low"`:                                 true,
		`severity in ["Low", "Medium"]`:                                   false,
		`round > 1`:                                                       true,
		`tier == "Gold" && category == "beverage"`:                        true,
		`incident.spec.customer.id == "guest-0417"`:                       true,
		`incident.spec.detectedBy == "Staff"`:                             true,
		`has(incident.spec.customer.timeZone)`:                            false,
		`incident.spec.service.startsWith("pool")`:                        true,
		`incident.metadata.name == "coffee"`:                              true,
		`incident.metadata.namespace == "hotel-b"`:                        true,
		`incident.metadata.labels["site"] == "x"`:                         false,
		`"site" in incident.metadata.labels`:                              true,
		`incident.spec.summary.lowerAscii().contains("coffee")`:           true,
		`incident.spec.customer.contactHours.from == "09:00"`:             true,
		`["Gold", "Platinum"].exists(t, t == tier)`:                       true,
		`isQuantity("10") && quantity("10").isGreaterThan(quantity("9"))`: true,
	} {
		t.Run(string(expression), func(t *testing.T) {
			t.Parallel()
			p, problems := compileWhen(expression)
			if len(problems) > 0 {
				t.Fatal(policy.Describe(problems))
			}
			if got, err := p.Eval(low); err != nil || got != want {
				t.Errorf("it is %t, %v, want %t", got, err, want)
			}
		})
	}
}

func TestWhenWithoutTierAndCategory(t *testing.T) {
	t.Parallel()
	p, problems := compileWhen(`tier == "" && category == "" && round == 1`)
	if len(problems) > 0 {
		t.Fatal(policy.Describe(problems))
	}
	if got, err := p.Eval(policy.Vars{Header: coffee(), Severity: "Low", Round: 1}); err != nil || !got {
		t.Errorf("it is %t, %v, want true", got, err)
	}
}

func TestRequires(t *testing.T) {
	t.Parallel()
	recorded := fixture.Instant("2026-10-02T08:20:00Z")
	entry := fixture.Entry("done").By("alice").RecordedAt(recorded).Note("her own words").Reached("Phone").Completion("fix").Build()
	entry.Contact.Minutes = 12
	vars := policy.Vars{Header: coffee(gold), Severity: "Low", Round: 1, Entry: &entry}
	for expression, want := range map[v1alpha1.Expression]bool{
		`entry.note.size() >= 6`:                                    true,
		`has(entry.note) && entry.note.size() >= 60`:                false,
		`entry.by == "alice"`:                                       true,
		`entry.completion.step == "fix"`:                            true,
		`has(entry.completion.noRemedyReason)`:                      false,
		`has(entry.contact) && entry.contact.reached`:               true,
		`entry.contact.minutes >= 10`:                               true,
		`has(entry.promise)`:                                        false,
		`has(entry.recordedBy)`:                                     false,
		`entry.recordedAt < timestamp("2026-10-02T09:00:00Z")`:      true,
		`entry.recordedAt.getHours("Asia/Shanghai") == 16`:          true,
		`tier == "Gold" && severity == "Low" && round == 1`:         true,
		`incident.spec.customer.tier == "Gold" && entry.id == "no"`: false,
	} {
		t.Run(string(expression), func(t *testing.T) {
			t.Parallel()
			p, problems := compileRequires(expression)
			if len(problems) > 0 {
				t.Fatal(policy.Describe(problems))
			}
			if got, err := p.Eval(vars); err != nil || got != want {
				t.Errorf("it is %t, %v, want %t", got, err, want)
			}
		})
	}
}

func TestEveryMemberOfAnEntryCanBeRead(t *testing.T) {
	t.Parallel()
	at := fixture.Instant("2026-10-02T08:20:00Z")
	for expression, entry := range map[v1alpha1.Expression]fixture.EntryBuilder{
		`entry.promise.due == timestamp("2026-10-02T08:20:00Z")`:        fixture.Entry("e").PromiseBy("soon", at),
		`entry.promise.within == "30m"`:                                 fixture.Entry("e").Promise("soon", "30m"),
		`entry.task.kind == "Care"`:                                     fixture.Entry("e").Task("Care", "breakfast", "24h"),
		`entry.outcome.result == "Kept"`:                                fixture.Entry("e").PromiseOutcome("p", "Kept"),
		`entry.hold.until == timestamp("2026-10-02T08:20:00Z")`:         fixture.Entry("e").HoldUntil("WaitingForCustomer", at),
		`entry.resume.hold == "h"`:                                      fixture.Entry("e").Resume("h"),
		`entry.retarget.severity == "High"`:                             fixture.Entry("e").Retarget("High", "worse"),
		`entry.assignment.owner == "bob"`:                               fixture.Entry("e").Assignment("bob"),
		`has(entry.acceptance) && !has(entry.acceptance.assignment)`:    fixture.Entry("e").Acceptance(),
		`entry.impact.startedAt == entry.impact.endedAt`:                fixture.Entry("e").Impact(at, at),
		`entry.finding.cause == "External"`:                             fixture.Entry("e").Finding("External"),
		`entry.gesture.option == "fresh-coffee"`:                        fixture.Entry("e").Gesture("fresh-coffee"),
		`entry.feedback.satisfaction <= 2`:                              fixture.Entry("e").Feedback(2),
		`entry.amend.customer.tier == "Gold"`:                           fixture.Entry("e").Amend(v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "x", Tier: "Gold"}}),
		`entry.link.url.startsWith("https://")`:                         fixture.Entry("e").Link("ticket", "https://example.com"),
		`entry.reopen.reason == "NotFixed"`:                             fixture.Entry("e").Reopen("NotFixed"),
		`entry.cancel.reason == "Mistake"`:                              fixture.Entry("e").Cancel("Mistake"),
		`entry.merge.into == "other"`:                                   fixture.Entry("e").Merge("other"),
		`entry.skip.step == "fix" && entry.skip.reason.size() > 3`:      fixture.Entry("e").Skip("fix", "not needed"),
		`entry.need.text == "a dry towel"`:                              fixture.Entry("e").Need("a dry towel"),
		`entry.contact.direction == "FromCustomer" && !has(entry.at)`:   fixture.Entry("e").Heard("Phone"),
		`entry.at == entry.recordedAt && entry.recordedBy == "manager"`: fixture.Entry("e").At(at).RecordedAt(at).RecordedBy("manager"),
	} {
		t.Run(string(expression), func(t *testing.T) {
			t.Parallel()
			p, problems := compileRequires(expression)
			if len(problems) > 0 {
				t.Fatal(policy.Describe(problems))
			}
			e := entry.Build()
			if got, err := p.Eval(policy.Vars{Header: coffee(), Severity: "Low", Round: 1, Entry: &e}); err != nil || !got {
				t.Errorf("it is %t, %v, want true", got, err)
			}
		})
	}
}

func TestExpressionThatFailsIsFalse(t *testing.T) {
	t.Parallel()
	entry := fixture.Entry("e").Completion("fix").Build()
	vars := policy.Vars{Header: coffee(), Severity: "Low", Round: 1, Entry: &entry}
	for expression, says := range map[v1alpha1.Expression]string{
		`entry.note.size() >= 6`:                                  "no such key: note",
		`incident.spec.customer.tier == "Gold"`:                   "no such key: tier",
		`incident.metadata.labels["vip"] == "yes"`:                "no such key: vip",
		`int(tier) > 3`:                                           "failed",
		`1 / (round - 1) == 1`:                                    "division by zero",
		`timestamp(entry.id) > timestamp("2026-10-02T08:00:00Z")`: "failed",
	} {
		t.Run(string(expression), func(t *testing.T) {
			t.Parallel()
			p, problems := compileRequires(expression)
			if len(problems) > 0 {
				t.Fatal(policy.Describe(problems))
			}
			got, err := p.Eval(vars)
			if got || err == nil {
				t.Fatalf("it is %t, %v, want false and an error", got, err)
			}
			for _, part := range []string{"failed and counts as false", says} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q: %v", part, err)
				}
			}
		})
	}
}

// What the cost limit cannot bound is refused: the operator reads the policies of
// people who do not know each other.
func TestCompileRefusesWhatIsUnbounded(t *testing.T) {
	t.Parallel()
	long := v1alpha1.Expression(strings.Repeat("a", 250))
	const function, lists = "is not available here: no limit holds", "lists cannot be added here"
	on := "spec.steps[0].when"
	checkProblems(t, map[string]problemCase{
		"a text replaced by itself":   {policySpec(fix(when(`["` + long + `"].map(x, x.replace("a", x)).map(x, x.replace("a", x)).exists(x, x == "b")`))), invalid, on, "the function replace " + function},
		"a text joined many times":    {policySpec(fix(when(`[tier, tier].join(tier) == "b"`))), invalid, on, "the function join " + function},
		"a text formatted":            {policySpec(fix(when(`"%s%s".format([tier, tier]) == "b"`))), invalid, on, "the function format " + function},
		"lists in lists":              {policySpec(fix(when(`[[tier], [tier]].flatten().exists(x, x == "b")`))), invalid, on, "the function flatten " + function},
		"a long list":                 {policySpec(fix(when(`lists.range(100000000).size() > 0`))), invalid, on, "the function lists.range " + function},
		"every element with another":  {policySpec(fix(when(`tier.split("").distinct().size() > 3`))), invalid, on, "the function distinct " + function},
		"every element of two lists":  {policySpec(fix(when(`sets.contains(tier.split(""), category.split(""))`))), invalid, on, "the function sets.contains " + function},
		"a list that doubles":         {policySpec(fix(when(`[[1]].map(x, x + x).exists(x, 5 in x)`))), invalid, on, lists},
		"a list of anything doubled":  {policySpec(fix(when(`[dyn([1])].map(x, x + x).exists(x, 5 in x)`))), invalid, on, lists},
		"what a macro adds to, named": {policySpec(fix(when(`[1].map(x, __result__ + __result__).exists(x, 5 in x)`))), invalid, on, "undeclared reference to '__result__'"},
	})
	for _, expression := range []v1alpha1.Expression{
		`tier + category == "Golda"`, `round + 1 > 2`, `[1, 2].map(x, x + 1).exists(x, x == 3)`,
		`["a", "b"].filter(x, x == tier).size() == 1`, `[1, 2].all(x, x + round > 0)`,
		`timestamp("2026-10-02T08:20:00Z") + duration("1h") > timestamp("2026-10-02T09:00:00Z")`,
	} {
		if _, problems := compileWhen(expression); len(problems) > 0 {
			t.Errorf("%s is refused: %s", expression, policy.Describe(problems))
		}
	}
}

// forever are expressions whose work has no bound that anybody would wait for.
var forever = map[string]v1alpha1.Expression{
	"nested loops": `[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c,
		[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f,
		[1,2,3,4,5,6,7,8,9,10].all(g, [1,2,3,4,5,6,7,8,9,10].all(h, [1,2,3,4,5,6,7,8,9,10].all(i, a + b + c + d + e + f + g + h + i > 0)))))))))`,
	"a text that doubles": `["` + v1alpha1.Expression(strings.Repeat("a", 100)) + `"]` +
		v1alpha1.Expression(strings.Repeat(`.map(x, x + x)`, 40)) + `.exists(x, x == "b")`,
}

func TestExpressionThatRunsForEverHitsTheLimit(t *testing.T) {
	t.Parallel()
	for name, expression := range forever {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems := compileWhen(expression)
			if len(problems) > 0 {
				t.Fatal(policy.Describe(problems))
			}
			var texts []string
			for range 2 {
				got, err := p.Eval(policy.Vars{Header: coffee(), Severity: "Low", Round: 1})
				if got || err == nil || !strings.Contains(err.Error(), "cost limit exceeded") {
					t.Fatalf("it is %t, %v, want false and the cost limit", got, err)
				}
				texts = append(texts, err.Error())
			}
			if texts[0] != texts[1] {
				t.Errorf("it ends in two ways:\n%s\n%s", texts[0], texts[1])
			}
		})
	}
}

func BenchmarkExpression(b *testing.B) {
	entry := fixture.Entry("done").Note("her own words").Completion("fix").Build()
	vars := policy.Vars{Header: coffee(gold), Severity: "Low", Round: 1, Entry: &entry}
	for name, expression := range map[string]v1alpha1.Expression{
		"usual":        `entry.note.size() >= 6 && tier == "Gold"`,
		"at the limit": forever["nested loops"],
	} {
		b.Run(name, func(b *testing.B) {
			p, problems := compileRequires(expression)
			if len(problems) > 0 {
				b.Fatal(policy.Describe(problems))
			}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = p.Eval(vars)
			}
		})
	}
}
