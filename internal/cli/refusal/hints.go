package refusal

// hint is what to try where a refusal says something.
type hint struct{ says, try string }

// hints are looked for in every refusal, in this order.
var hints = []hint{
	{"the verb record-for-others", "leave --by out, and it is signed with your own name"},
	{"the verb backdate", "leave --at out, and tell the time in words with -m"},
	{"the verb redact", "ask who may redact; until then, amend or note what is right"},
	{"the verb spend", "kubectl amends may INCIDENT shows what you may give; --ask asks for an approval"},
	{"the verb approve", "kubectl amends approvals shows what waits for you"},
	{"the journal is nearly full", "kubectl amends merge INCIDENT INTO carries on in another incident"},
	{"all notes of an incident together", "kubectl amends link INCIDENT URL NAME points to a long text elsewhere"},
	{"only a granted remedy can be delivered", "kubectl amends status INCIDENT shows how the remedy stands"},
	{"only a request that awaits approval can be decided", "kubectl amends approvals shows what waits for you"},
	{"a decision is final", "kubectl amends withdraw takes the request back; then ask anew"},
	{"the request was withdrawn", "kubectl amends compensate asks anew"},
	{"a request stays as it was asked", "kubectl amends withdraw takes it back; then ask anew"},
	{"the header stays as reported", "kubectl amends amend corrects it"},
	{"hold, resume and retarget count from when they are recorded", "leave --at out"},
	{"is not after the API server's time", "say a time that has been"},
}
