package lint

import "slices"

// Rule is a kind of mistake. Its id is stable.
type Rule struct {
	// ID is what a report calls it.
	ID string
	// Severity is that of its findings.
	Severity Severity
	// Help says what it is about, in a sentence.
	Help string
}

// The ids of the rules.
const (
	ruleUnreadable        = "unreadable"
	ruleUnknownKind       = "unknown-kind"
	ruleDuplicateObject   = "duplicate-object"
	ruleStatusGiven       = "status-given"
	ruleUnknownField      = "unknown-field"
	ruleMissingField      = "missing-field"
	ruleWrongType         = "wrong-type"
	ruleUnsupportedValue  = "unsupported-value"
	ruleInvalidValue      = "invalid-value"
	ruleOutOfBounds       = "out-of-bounds"
	ruleDuplicateItem     = "duplicate-item"
	ruleBroken            = "rule-broken"
	ruleUnknownTimeZone   = "unknown-time-zone"
	ruleCalendarInvalid   = "calendar-invalid"
	ruleCalendarExhausted = "calendar-exhausted"
	ruleCalendarNotFound  = "calendar-not-found"
	ruleNoCalendar        = "business-time-without-calendar"
	rulePolicyInvalid     = "policy-invalid"
	ruleExpression        = "expression"
	ruleUnknownStep       = "unknown-step"
	ruleStepCycle         = "step-cycle"
	ruleStepUnreachable   = "step-unreachable"
	ruleNoApology         = "no-apology"
	ruleDeadlines         = "deadlines-contradict"
	ruleDueInPast         = "due-in-the-past"
	ruleSevereLaxer       = "severe-is-laxer"
	ruleResolutionEarly   = "resolution-before-step"
	ruleUpdatesNeverDue   = "updates-never-due"
	ruleHeldUpdates       = "held-updates"
	ruleHoldCannotPause   = "hold-cannot-pause"
	ruleHoldPausesNothing = "hold-pauses-nothing"
	ruleHoldCaps          = "hold-caps"
	ruleTriggerNever      = "trigger-never-fires"
	ruleLevelTwice        = "level-told-twice"
	rulePolicyTie         = "policy-tie"
	rulePolicyShadowed    = "policy-shadowed"
	ruleBudgetInvalid     = "budget-invalid"
	ruleBudgetNotFound    = "budget-not-found"
	ruleBudgetGivesNone   = "budget-gives-nothing"
	ruleBudgetNoSpender   = "budget-without-spender"
	ruleLevelNoApprover   = "level-without-approver"
	ruleRoleForNothing    = "role-for-nothing"
	rulePoolEmpty         = "pool-empty"
	ruleAllowanceAbove    = "allowance-above-pool"
	ruleLimitShadowed     = "limit-shadowed"
	ruleLevelsOrder       = "levels-out-of-order"
	ruleLevelUnreachable  = "level-unreachable"
	ruleOpeningAbove      = "opening-balance-above-pool"
	ruleAmountDecimals    = "amount-decimals"
	ruleOptionNoBudget    = "option-without-budget"
	ruleOptionAbovePool   = "option-above-pool"
	ruleOptionNobody      = "option-nobody-can-give"
	ruleOptionWorthLess   = "option-worth-less-than-cost"
	ruleNoExtra           = "no-extra-to-offer"
	rulePolicyNotFound    = "policy-not-found"
	ruleNoPolicySelects   = "no-policy-selects"
	ruleCategory          = "category-not-allowed"
	ruleOptionUnknown     = "option-unknown"
	ruleAllowanceUnknown  = "allowance-unknown"
)

// rules are all rules, in the order in which they are documented.
var rules = []Rule{
	{ruleUnreadable, Error, "The file is no YAML or JSON, gives a field twice, or holds something that is no object."},
	{ruleUnknownKind, Error, "The group has no such kind, or not in this version."},
	{ruleDuplicateObject, Error, "Two files describe the same object: which of them holds depends on the order."},
	{ruleStatusGiven, Warning, "A status belongs to the operator; the API server drops one that is applied."},
	{ruleUnknownField, Error, "The kind has no such field; the API server drops it or refuses the object."},
	{ruleMissingField, Error, "A field that must be given is not there."},
	{ruleWrongType, Error, "The value is of another type than the field."},
	{ruleUnsupportedValue, Error, "The value is none of those that the field may have."},
	{ruleInvalidValue, Error, "The value does not have the form that the field asks for."},
	{ruleOutOfBounds, Error, "The value is too long, too short, too large, too small, or has too many elements."},
	{ruleDuplicateItem, Error, "Two elements of a list have the same name, or are the same."},
	{ruleBroken, Error, "A rule between fields does not hold; the API server refuses the object."},
	{ruleUnknownTimeZone, Error, "The time zone is not in the IANA database."},
	{ruleCalendarInvalid, Error, "The calendar cannot be used: its hours overlap, or are empty."},
	{ruleCalendarExhausted, Error, "The calendar never opens: every deadline on it would wait for ever."},
	{ruleCalendarNotFound, Error, "The calendar is not among the files."},
	{ruleNoCalendar, Error, "A deadline counts business time, and the policy names no calendar."},
	{rulePolicyInvalid, Error, "The operator would stall on the policy."},
	{ruleExpression, Error, "A CEL expression does not compile, is not true or false, or is not bounded in cost."},
	{ruleUnknownStep, Error, "Something names a step that the policy does not have."},
	{ruleStepCycle, Error, "Steps come after each other in a circle: none of them could start."},
	{ruleStepUnreachable, Warning, "The condition of a step holds for no severity, category or round: the step never applies."},
	{ruleNoApology, Warning, "The policy has no Apology: after a broken promise or a reopening, nobody owes a word to the customer."},
	{ruleDeadlines, Error, "Deadlines of one step contradict each other: it would be late as soon as it starts, or the aim lies after the commitment."},
	{ruleDueInPast, Warning, "A fixed instant has passed: whatever starts now is late at once."},
	{ruleSevereLaxer, Warning, "A more severe incident gets more time than a milder one."},
	{ruleResolutionEarly, Warning, "The total time to resolution ends before the deadline of a step that resolves: that deadline can never be what is missed first."},
	{ruleUpdatesNeverDue, Warning, "The longest silence is not shorter than the total time to resolution: no update falls due before it."},
	{ruleHeldUpdates, Warning, "The silence while held is shorter than the one otherwise, or there is nothing that could hold."},
	{ruleHoldCannotPause, Error, "A hold names what is never paused, or what a hold cannot move."},
	{ruleHoldPausesNothing, Warning, "A hold pauses a clock that the policy does not have."},
	{ruleHoldCaps, Warning, "One hold may last longer than all of them together."},
	{ruleTriggerNever, Warning, "A level is told of something that can never happen under this policy."},
	{ruleLevelTwice, Warning, "Two levels tell the same people the same, at the same time."},
	{rulePolicyTie, Warning, "Two policies select the same incidents at the same priority: those incidents would stall."},
	{rulePolicyShadowed, Warning, "Another policy of a higher priority selects everything that this one selects."},
	{ruleBudgetInvalid, Error, "The operator would stall on the budget."},
	{ruleBudgetNotFound, Error, "The budget is not among the files."},
	{ruleBudgetGivesNone, Error, "The budget has neither allowances nor an approval: every request is denied."},
	{ruleBudgetNoSpender, Warning, "No role in the files grants the verb spend on any allowance of the budget."},
	{ruleLevelNoApprover, Warning, "No role in the files grants the verb approve on the level."},
	{ruleRoleForNothing, Warning, "A role grants spend or approve on an allowance or level that no budget in the files has."},
	{rulePoolEmpty, Warning, "There is no money in the pool."},
	{ruleAllowanceAbove, Warning, "A limit of the allowance is higher than the whole pool."},
	{ruleLimitShadowed, Warning, "A limit can never be reached, because another one is lower."},
	{ruleLevelsOrder, Error, "The approval levels are not in order, lowest first."},
	{ruleLevelUnreachable, Warning, "The level comes after one that approves any amount, so that nothing ever needs it."},
	{ruleOpeningAbove, Warning, "More was spent before the budget was created than its pool holds."},
	{ruleAmountDecimals, Error, "The amount has more decimals than the budget's currency."},
	{ruleOptionNoBudget, Warning, "An option costs money, and the policy names no budget."},
	{ruleOptionAbovePool, Error, "An option costs more than the pool holds: it is always denied."},
	{ruleOptionNobody, Error, "An option costs more than any allowance gives and any level approves."},
	{ruleOptionWorthLess, Warning, "An option costs the firm more than it is worth to the customer."},
	{ruleNoExtra, Warning, "An extra is owed, and the catalogue has none for that severity."},
	{rulePolicyNotFound, Error, "The incident names a policy that is not among the files."},
	{ruleNoPolicySelects, Warning, "No policy in the files selects the incident."},
	{ruleCategory, Warning, "The policy does not list the category of the incident."},
	{ruleOptionUnknown, Error, "The catalogue has no such option."},
	{ruleAllowanceUnknown, Error, "The budget has no such allowance or level."},
}

// Rules are all rules, in the order in which they are documented.
func Rules() []Rule { return slices.Clone(rules) }

func severityOf(id string) Severity {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Error
	}
	return rules[i].Severity
}
