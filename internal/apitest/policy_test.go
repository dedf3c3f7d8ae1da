package apitest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func threeSteps() *v1alpha1.RecoveryPolicy {
	return fixture.Policy("policy",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("10m")),
		fixture.Step("review", v1alpha1.StepReview, fixture.DueWithin("2h")),
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueWithin("8h")))
}

func TestPolicySteps(t *testing.T) {
	const (
		itself  = "a step cannot come after itself: take its own name out of after"
		unknown = "after names a step that this policy does not have; check the spelling against the names under steps"
		kind    = "followUp (Immediate, Internal or Closing) goes with type FollowUp, and that type needs it"
		oneDue  = "give exactly one of within, businessDays and at"
	)
	after := func(names ...any) op { return add("/spec/steps/2/after", names) }
	due := func(d object) op { return replace("/spec/steps/2/due", d) }
	followUp := func(s object) op { return add("/spec/steps/-", s) }
	steps := func(n int) op {
		var many list
		for i := range n {
			many = append(many, object{"name": fmt.Sprintf("step-%d", i), "type": "Custom"})
		}
		return replace("/spec/steps", many)
	}
	check(t, map[string]attempt{
		"each after the one before":         accepted(),
		"after two":                         accepted(after("apologise", "review")),
		"after a step further down":         accepted(add("/spec/steps/0/after", list{"resolve"})),
		"after nothing, at once":            accepted(add("/spec/steps/2/after", list{})),
		"after itself":                      refused(itself, after("resolve")),
		"after itself and another":          refused(itself, after("review", "resolve")),
		"after an unknown step":             refused(unknown, after("reviews")),
		"after the same step twice":         refused("Duplicate value", after("review", "review")),
		"two steps of one name":             refused("Duplicate value", replace("/spec/steps/2/name", "review")),
		"a step without a name":             refused("name: Required value", remove("/spec/steps/2/name")),
		"a name with capitals":              refused("should match", replace("/spec/steps/2/name", "Resolve")),
		"a name of 64 characters":           refused("may not be more than 63", replace("/spec/steps/2/name", strings.Repeat("n", 64))),
		"an unknown type":                   refused(`"Apology", "Review", "Offer"`, replace("/spec/steps/2/type", "Fix")),
		"no steps at all, in words":         refused("at least 1 items", replace("/spec/steps", list{})),
		"no steps at all, left out":         accepted(remove("/spec/steps")),
		"20 steps":                          accepted(steps(20)),
		"21 steps":                          refused("must have at most 20 items", steps(21)),
		"a follow-up of its kind":           accepted(followUp(object{"name": "call", "type": "FollowUp", "followUp": "Closing"})),
		"a follow-up of no kind":            refused(kind, followUp(object{"name": "call", "type": "FollowUp"})),
		"a follow-up kind for another type": refused(kind, add("/spec/steps/2/followUp", "Closing")),
		"due on business days":              accepted(due(object{"businessDays": 3})),
		"due within business hours":         accepted(due(object{"within": "8h", "clock": "Business"})),
		"due at an instant":                 accepted(due(object{"at": "2026-10-02T08:20:00Z"})),
		"due twice":                         refused(oneDue, due(object{"within": "8h", "businessDays": 3})),
		"due never":                         refused(oneDue, due(object{})),
		"business days on a clock":          refused("clock goes with within: businessDays counts on the calendar, at is an instant", due(object{"businessDays": 3, "clock": "Business"})),
		"no business days":                  refused("greater than or equal to 1", due(object{"businessDays": 0})),
		"251 business days":                 refused("less than or equal to 250", due(object{"businessDays": 251})),
		"due within a day":                  refused("should match", due(object{"within": "1d"})),
		"due before it starts":              refused("due is at or after notBefore", add("/spec/steps/2/notBefore", object{"at": "2026-10-02T08:20:01Z"}), due(object{"at": "2026-10-02T08:20:00Z"})),
		"due when it starts":                accepted(add("/spec/steps/2/notBefore", object{"at": "2026-10-02T08:20:00Z"}), due(object{"at": "2026-10-02T08:20:00Z"})),
		"warnings":                          accepted(add("/spec/steps/2/warnAt", list{50, 99})),
		"a warning at 100 percent":          refused("less than or equal to 99", add("/spec/steps/2/warnAt", list{100})),
		"no demands":                        accepted(add("/spec/steps/2/demands", list{})),
		"an unknown demand":                 refused("Unsupported value", add("/spec/steps/2/demands", list{"Smile"})),
		"a requirement without a message":   refused("message: Required value", add("/spec/steps/2/requires", list{object{"expression": "true"}})),
		"six requirements": refused("must have at most 5 items", add("/spec/steps/2/requires", list{
			object{"expression": "true", "message": "m"}, object{"expression": "true", "message": "m"}, object{"expression": "true", "message": "m"},
			object{"expression": "true", "message": "m"}, object{"expression": "true", "message": "m"}, object{"expression": "true", "message": "m"}})),
		"an expression of 1,025 characters": refused("may not be more than 1024", add("/spec/steps/2/when", strings.Repeat("x", 1025))),
	}, creating(threeSteps()))
}

func TestPolicyRest(t *testing.T) {
	spec := func(field string, value any) op { return add("/spec/"+field, value) }
	level := func(field string, value any) op {
		one := object{"level": "duty-manager", "triggers": list{"Breach"}, "notify": object{"group": "duty-managers"}}
		one[field] = value
		return spec("escalation", list{one})
	}
	compensation := func(c object) op { return spec("compensation", c) }
	option := func(o object) op {
		o["name"], o["kind"], o["purpose"] = "refund", "Refund", "Restore"
		return compensation(object{"catalogue": list{o}})
	}
	bounds := func(b object) op {
		b["severity"] = "High"
		return compensation(object{"bounds": list{b}})
	}
	hold := func(h object) op { return spec("holds", list{h}) }
	check(t, map[string]attempt{
		"no spec at all, which is the built-in steps": accepted(remove("/spec")),
		"an empty spec":                         accepted(replace("/spec", object{})),
		"a selector":                            accepted(spec("selector", object{"severities": list{"Low"}, "matchLabels": object{"site": "hotel-b"}, "expression": "true"})),
		"a selector for every incident":         accepted(spec("selector", object{})),
		"a selector by no severity":             refused("at least 1 items", spec("selector", object{"severities": list{}})),
		"a selector by the same severity twice": refused("Duplicate value", spec("selector", object{"severities": list{"Low", "Low"}})),
		"a selector by a label too long":        refused("spec.selector.matchLabels.site: Too long: may not be more than 63", spec("selector", object{"matchLabels": object{"site": strings.Repeat("v", 64)}})),
		"a priority of a million":               accepted(spec("priority", 1000000)),
		"a priority above a million":            refused("less than or equal to 1000000", spec("priority", 1000001)),
		"a negative priority":                   refused("greater than or equal to 0", spec("priority", -1)),
		"an unknown rollout":                    refused(`"NewIncidents", "OpenIncidents"`, spec("rollout", "Everywhere")),
		"responses within a time":               accepted(spec("responses", object{"within": "30m", "clock": "Business"})),
		"responses without a time":              refused("within: Required value", spec("responses", object{"clock": "Wall"})),
		"an unknown clock":                      refused(`"Wall", "Business"`, spec("responses", object{"within": "30m", "clock": "Lunar"})),
		"updates without a time":                refused("every: Required value", spec("updates", object{"whileHeld": "24h"})),
		"a resolution of no time":               refused("a duration is longer than 0s", spec("resolution", object{"within": "0s"})),
		"limits of assignment, none given":      refused("at least 1 properties", spec("assignment", object{})),
		"promises that may not be superseded":   accepted(spec("promises", object{"maxSupersedes": 0})),
		"promises superseded six times":         refused("less than or equal to 5", spec("promises", object{"maxSupersedes": 6})),
		"an overlay":                            accepted(spec("bySeverity", list{object{"severity": "Critical", "steps": list{object{"name": "apologise", "due": object{"within": "3m"}}}}})),
		"two overlays for one severity":         refused("Duplicate value", spec("bySeverity", list{object{"severity": "Low"}, object{"severity": "Low"}})),
		"an overlay that names a step twice":    refused("Duplicate value", spec("bySeverity", list{object{"severity": "Low", "steps": list{object{"name": "a"}, object{"name": "a"}}}})),
		"a hold":                                accepted(hold(object{"reason": "WaitingForCustomer", "pauses": object{"steps": list{"resolve"}, "clocks": list{"Resolution"}}, "maxEach": "72h"})),
		"a hold that pauses nothing":            refused("at least 1 properties", hold(object{"reason": "WaitingForCustomer", "pauses": object{}})),
		"a hold that pauses promises":           refused("a hold pauses steps and the clocks Resolution and Update", hold(object{"reason": "WaitingForCustomer", "pauses": object{"clocks": list{"Promise"}}})),
		"a hold for a reason in words":          refused("should match", hold(object{"reason": "waiting", "pauses": object{"clocks": list{"Update"}}})),
		"two holds for one reason":              refused("Duplicate value", spec("holds", list{object{"reason": "A", "pauses": object{"clocks": list{"Update"}}}, object{"reason": "A", "pauses": object{"clocks": list{"Update"}}}})),
		"an escalation":                         accepted(level("after", "30m")),
		"an escalation on nothing":              refused("at least 1 items", level("triggers", list{})),
		"an escalation on an unknown trigger":   refused("Unsupported value", level("triggers", list{"FullMoon"})),
		"an escalation to nobody":               refused("at least 1 properties", level("notify", object{})),
		"an escalation to a user and a group":   refused("notify names one user or one group", level("notify", object{"user": "a", "group": "b"})),
		"an escalation after no time":           refused("a duration is longer than 0s", level("after", "0s")),
		"two levels of one name": refused("Duplicate value", spec("escalation", list{
			object{"level": "a", "triggers": list{"Breach"}, "notify": object{"user": "a"}}, object{"level": "a", "triggers": list{"Warning"}, "notify": object{"user": "a"}}})),
		"an unknown end for the dissatisfied":     refused(`"Escalate", "Reopen"`, spec("onDissatisfied", "Ignore")),
		"an option at a fixed cost":               accepted(option(object{"cost": "15.00", "value": "60.00"})),
		"an option up to an amount":               accepted(option(object{"maxAmount": "200.00"})),
		"an option at a cost and up to an amount": refused("an option costs a fixed cost, or an amount up to maxAmount", option(object{"cost": "15.00", "maxAmount": "200.00"})),
		"an option at a cost in words":            refused("should match", option(object{"cost": "free"})),
		"an unknown entitlement":                  refused(`"Goodwill", "Owed"`, option(object{"entitlement": "Maybe"})),
		"two options of one name": refused("Duplicate value", compensation(object{"catalogue": list{
			object{"name": "a", "kind": "Gift", "purpose": "Extra"}, object{"name": "a", "kind": "Gift", "purpose": "Extra"}}})),
		"bounds":                    accepted(bounds(object{"min": "50.00", "max": "500.00"})),
		"bounds of one amount":      accepted(bounds(object{"min": "50.00", "max": "50"})),
		"no bounds":                 refused("give min, max or both", bounds(object{})),
		"a floor above the ceiling": refused("min is at most max", bounds(object{"min": "100.00", "max": "99.99"})),
		"a floor above the ceiling by digits only": accepted(bounds(object{"min": "9", "max": "10"})),
		"two demands for one severity":             refused("Duplicate value", compensation(object{"demand": list{object{"severity": "Low", "extra": "Optional"}, object{"severity": "Low", "extra": "Offered"}}})),
		"a name of 201 characters":                 refused("the name of a policy has at most 200 characters", replace("/metadata/name", strings.Repeat("n", 201))),
		"a name of 200 characters":                 accepted(replace("/metadata/name", strings.Repeat("n", 200))),
	}, creating(threeSteps()))
}
