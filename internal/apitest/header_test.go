package apitest

import (
	"strings"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func TestIncidentHeader(t *testing.T) {
	check(t, map[string]attempt{
		"the least that an incident says": accepted(),
		"all that a header says": accepted(
			replace("/spec/customer", object{"id": "guest-0417", "tier": "Gold", "timeZone": "Asia/Shanghai", "contactHours": object{"from": "09:00", "to": "21:00"}}),
			add("/spec/category", "beverage"), add("/spec/occurredAt", "2026-10-02T08:20:00Z"),
			add("/spec/reportedAt", "2026-10-02T08:25:00Z"), add("/spec/policyName", "pool-bar")),
		"an early warning may lie in the future": accepted(replace("/spec/detectedBy", "EarlyWarning"), add("/spec/expectedAt", "2099-01-01T00:00:00Z")),
		"a failure that occurred and is expected is refused": refused("give one of occurredAt and expectedAt, or none",
			add("/spec/occurredAt", "2026-10-02T08:20:00Z"), add("/spec/expectedAt", "2026-10-02T08:20:00Z")),
		"no summary is refused":                    refused("spec.summary: Required value", remove("/spec/summary")),
		"no customer is refused":                   refused("spec.customer: Required value", remove("/spec/customer")),
		"a customer without an id is refused":      refused("spec.customer.id: Required value", replace("/spec/customer", object{"tier": "Gold"})),
		"no severity is refused":                   refused("spec.severity: Required value", remove("/spec/severity")),
		"no service is refused":                    refused("spec.service: Required value", remove("/spec/service")),
		"not to say who noticed is refused":        refused("spec.detectedBy: Required value", remove("/spec/detectedBy")),
		"an unknown severity is refused":           refused(`supported values: "Low", "Medium", "High", "Critical"`, replace("/spec/severity", "Sev1")),
		"an unknown detector is refused":           refused(`supported values: "Customer", "Staff", "Monitoring", "EarlyWarning"`, replace("/spec/detectedBy", "Nobody")),
		"a summary of 1,024 characters":            accepted(replace("/spec/summary", strings.Repeat("语", 1024))),
		"a summary of 1,025 characters is refused": refused("may not be more than 1024", replace("/spec/summary", strings.Repeat("s", 1025))),
		"an empty summary is refused":              refused("at least 1 chars long", replace("/spec/summary", "")),
		"a category of 64 characters is refused":   refused("may not be more than 63", add("/spec/category", strings.Repeat("c", 64))),
		"contact hours that end before they begin": refused("contact hours begin before they end", add("/spec/customer/contactHours", object{"from": "21:00", "to": "09:00"})),
		"contact hours in the zone Local":          refused("Local would mean another place", add("/spec/customer/timeZone", "Local")),
		"a policy's name that no object can have":  refused("should match", add("/spec/policyName", "Pool Bar")),
		"a field that the header does not have":    refused("unknown field", add("/spec/priority", 1)),
	}, creating(fixture.Incident("header")))
}

func TestIncidentHeaderStaysAsReported(t *testing.T) {
	full := storing(t, fixture.Incident("full", fixture.OfCategory("beverage"), fixture.UnderPolicy("pool-bar"),
		fixture.ReportedAt(fixture.Instant("2026-10-02T08:25:00Z"))), add("/spec/occurredAt", "2026-10-02T08:20:00Z"),
		add("/spec/customer/tier", "Gold"))
	const (
		correct = "append an amend entry to the journal to correct the "
		stays   = "no field is added or removed; append an amend entry"
	)
	check(t, map[string]attempt{
		"the summary":                                   refused(correct+"summary", replace("/spec/summary", "Another")),
		"the customer":                                  refused(correct+"customer", replace("/spec/customer/id", "guest-0418")),
		"the customer's tier":                           refused(correct+"customer", replace("/spec/customer/tier", "Silver")),
		"the customer's tier, taken away":               refused(correct+"customer", remove("/spec/customer/tier")),
		"the customer's zone, added":                    refused(correct+"customer", add("/spec/customer/timeZone", "UTC")),
		"the severity":                                  refused("append a retarget entry to the journal to change it", replace("/spec/severity", "High")),
		"the category":                                  refused(correct+"category", replace("/spec/category", "room")),
		"the category, taken away":                      refused(stays, remove("/spec/category")),
		"the service":                                   refused(correct+"service", replace("/spec/service", "bar")),
		"who noticed":                                   refused("detectedBy cannot be changed", replace("/spec/detectedBy", "Customer")),
		"when it occurred":                              refused("occurredAt cannot be changed", replace("/spec/occurredAt", "2026-10-02T08:21:00Z")),
		"when it occurred, taken away":                  refused(stays, remove("/spec/occurredAt")),
		"when it was reported":                          refused("reportedAt cannot be changed", replace("/spec/reportedAt", "2026-10-02T08:21:00Z")),
		"when it was reported, taken away":              refused(stays, remove("/spec/reportedAt")),
		"the policy":                                    refused("an incident keeps its policy", replace("/spec/policyName", "other")),
		"the policy, taken away":                        refused(stays, remove("/spec/policyName")),
		"labels may change":                             accepted(add("/metadata/labels", object{"site": "hotel-b"})),
		"the same instant in another zone is no change": accepted(replace("/spec/occurredAt", "2026-10-02T10:20:00+02:00")),
	}, patching(full))

	thin := storing(t, fixture.Incident("thin"))
	check(t, map[string]attempt{
		"a category, added later":                           refused(stays, add("/spec/category", "room")),
		"an occurredAt, added later":                        refused(stays, add("/spec/occurredAt", "2026-10-02T08:20:00Z")),
		"an expectedAt, added later":                        refused(stays, add("/spec/expectedAt", "2026-10-02T08:20:00Z")),
		"a reportedAt, added later":                         refused(stays, add("/spec/reportedAt", "2026-10-02T08:20:00Z")),
		"a policy, added later":                             refused(stays, add("/spec/policyName", "pool-bar")),
		"a category, by taking one away and adding another": refused(stays, add("/spec/category", "room"), remove("/spec/category"), add("/spec/category", "bar")),
	}, patching(thin))
}

func TestIncidentStatusIsTheOperatorsSubresource(t *testing.T) {
	stored := storing(t, fixture.Incident("status"), add("/status", object{"phase": "Closed"}))
	if phase := stored.Object["status"]; phase != nil {
		t.Errorf("a status given at creation was kept: %v", phase)
	}
	storeStatus(t, stored, add("/status", object{"phase": v1alpha1.PhaseOpen, "sla": v1alpha1.SLAOnTrack}))
	check(t, map[string]attempt{
		"an unknown phase is refused": refused("Unsupported value", replace("/status/phase", "Done")),
		"a phase of the list":         accepted(replace("/status/phase", "Resolved")),
		"a clock without a state":     refused("state: Required value", add("/status/clocks", list{object{"name": "Step/apologise", "kind": "Step"}})),
		"a clock":                     accepted(add("/status/clocks", list{object{"name": "Step/apologise", "kind": "Step", "state": "Running"}})),
	}, patchingStatus(stored))
}
