package cli_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/fixture"
)

// deskOf is a scripted API server that knows who asks, and the incident x.
func deskOf() scripted {
	inc := fixture.In("hotel", fixture.Created(noon.Add(-time.Hour), fixture.Incident("x")))
	inc.APIVersion, inc.Kind = v1alpha1.GroupVersion.String(), "Incident"
	return scripted{
		mePath:          object("authentication.k8s.io/v1", "SelfSubjectReview", map[string]any{"status": map[string]any{"userInfo": map[string]any{"username": "alice"}}}),
		listPath + "/x": inc,
		listPath:        object(v1alpha1.GroupVersion.String(), "IncidentList", map[string]any{"items": []any{inc}}),
		"/apis/recovery.amends.dev/v1alpha1/namespaces/hotel/compensations": object(v1alpha1.GroupVersion.String(), "CompensationList", map[string]any{"items": []any{}}),
	}
}

// A command line that is wrong whatever stands in the cluster ends with 2, and says what
// is allowed; what the cluster does not have, or refuses, ends with 1.
func TestWrongUseEndsWithTwo(t *testing.T) {
	for line, says := range map[string]string{
		`promise x Towel --within 1d`:                                  `--within: "1d" is no duration: write hours, minutes and seconds`,
		`promise x Towel`:                                              "say by when: --within 30m, or --due 16:30",
		`promise x Towel --within 5m --due 16:30`:                      "say the same thing twice",
		`promise x Towel --due tomorrow`:                               `--due: "tomorrow" is no time`,
		`promise x Towel --within 5m --channel Pigeon`:                 `--channel "Pigeon": it is one of InPerson`,
		`task x Towel --within 5m --kind Chore`:                        `--kind "Chore": it is one of Help`,
		`contact x`:                                                    "say which contact",
		`contact x --reached Pigeon`:                                   `--reached "Pigeon": it is one of InPerson`,
		`contact x --reached Phone --mood Cheerful`:                    `--mood "Cheerful": it is one of Calm`,
		`contact x --reached Phone --heard Phone`:                      "give one of --reached, --tried and --heard",
		`contact x --reached Phone --minutes 2000`:                     "--minutes 2000: it is from 1 to 1440",
		`contact x --reached Phone --minutes many`:                     `invalid argument "many"`,
		`note x y --mood Calm`:                                         "which contact was that?",
		`note x y --at 2099-01-01T00:00:00Z`:                           "--at: 2099-01-01 00:00 UTC has not come yet",
		`note x y --at soon`:                                           `--at: "soon" is no time`,
		`note x y --id Said_Sorry`:                                     `--id "Said_Sorry": an id has lower-case letters`,
		`complete x Apologise`:                                         `step "Apologise": a name has lower-case letters`,
		`complete x apologise --accepted Maybe`:                        `--accepted "Maybe": it is one of Yes, NotYet`,
		`retarget x Grave`:                                             `severity "Grave": it is one of Low`,
		`hold x Parts --until yesterday`:                               `--until: "yesterday" is no time`,
		`finding x Bad-luck`:                                           `cause "Bad-luck": it is one of Execution`,
		`feedback x`:                                                   "say what the customer said",
		`feedback x --satisfaction 6`:                                  "--satisfaction 6: it is from 1",
		`impact x`:                                                     "say what: --started",
		`impact x --at-stake 1,200`:                                    `--at-stake "1,200": write the amount without`,
		`amend x`:                                                      "say what was wrong",
		`amend x --time-zone Nowhere/Land`:                             "--time-zone: ",
		`amend x --contact-hours always`:                               `--contact-hours "always": write them as`,
		`link x tickets/4711 Ticket`:                                   `url "tickets/4711": it begins with https://`,
		`keep x --result Forgotten`:                                    `--result "Forgotten": it is one of Kept`,
		`cancel x Boredom`:                                             `reason "Boredom": it is one of Mistake`,
		`merge x x`:                                                    "cannot be merged into itself",
		`open Wind --customer c --service s`:                           "an incident needs --severity",
		`open Wind --customer c --service s -s Grave`:                  `--severity "Grave": it is one of Low`,
		`open Wind --customer c --service s -s Low --label red`:        `--label "red": write it as NAME=VALUE`,
		`open Wind --customer c --service s -s Low --detected-by Cat`:  `--detected-by "Cat": it is one of Customer`,
		`compensate x --budget front-desk`:                             "what is offered?",
		`compensate x --budget front-desk refund=much`:                 `"much" is no amount`,
		`compensate x --budget front-desk --custom Night`:              `--custom "Night": write what it is`,
		`compensate x --ask --allowance frontline refund=1`:            "give one of them",
		`report --since 30d`:                                           `--since: "30d" is no duration`,
		`report --from 2026-10-02T10:00:00Z --to 2026-10-01T10:00:00Z`: "is not before --to",
		`report --from 2026-10-01T10:00:00Z --to 2026-10-01T10:00:00Z`: "is not before --to",
		`status x --wait Closed --timeout 1d`:                          `--timeout "1d": write hours, minutes and seconds`,
		`status x --wait Closed --timeout -1s`:                         "--timeout -1s: write a time longer than 0s",
		`status x --wait Closed --timeout 0s`:                          "--timeout 0s: write a time longer than 0s",
		`status x --timeout 0s`:                                        "--timeout goes with --wait",
		`simulate -f . --every 0s`:                                     "--every 0s: give whole seconds, at least 1s",
		`simulate -f . --every 1d`:                                     `--every "1d": write hours, minutes and seconds`,
		`calendar import-ics --years 0 --name n --timezone UTC -`:      "--years 0: from 1 to 20",
		`get --all-namespaces=often`:                                   `invalid argument "often"`,
		`get -l =`:                                                     `-l "="`,
		`note x`:                                                       "TEXT is missing",
		`note x y z`:                                                   "one argument too many",
		`note x y --frob`:                                              "unknown flag: --frob",
		`note x y -Z`:                                                  "unknown shorthand flag",
		`note x y --id`:                                                "flag needs an argument",
		`frobnicate x`:                                                 `unknown command "frobnicate"`,
		`lint`:                                                         "name files or folders with -f",
	} {
		t.Run(line, func(t *testing.T) { ends(t, line, cli.ExitUsage, says) })
	}
	for line, says := range map[string]string{
		`keep x`:                  "no promise is open",
		`retarget x Low`:          "the severity is Low already",
		`accept x`:                "nobody was assigned yet",
		`redact x nothing`:        "there is no entry",
		`compensate x refund=1.0`: "names no budget",
		`note y y`:                "was not answered",
	} {
		t.Run(line, func(t *testing.T) { ends(t, line, cli.ExitFailed, says) })
	}
}

// ends runs a command line at the scripted desk, and checks how it ends.
func ends(t *testing.T, line string, want int, says string) {
	t.Helper()
	out, errOut, code := runAgainst(t, deskOf(), noon, strings.Fields(line)...)
	if code != want || !strings.Contains(errOut, says) || out != "" {
		t.Errorf("exit code %d, want %d and %q; it says\n%s%s", code, want, says, out, errOut)
	}
}

// Nothing is asked for where the words themselves are wrong: not even whether there is a
// cluster. What is wrong by the time alone is wrong by the API server's, whatever this
// machine's clock says.
func TestWrongWordsAskForNothing(t *testing.T) {
	for line, says := range map[string]string{
		"promise x Towel --within 1d":        "a day is 24h",
		"contact x --reached Pigeon":         `--reached "Pigeon"`,
		"open Wind --customer c --service s": "an incident needs --severity",
		"merge x x":                          "cannot be merged into itself",
		"report --since 30d":                 "a day is 24h",
	} {
		asked := false
		_, errOut, code := runAgainst(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }), noon, strings.Fields(line)...)
		if code != cli.ExitUsage || asked || !strings.Contains(errOut, says) {
			t.Errorf("%s: exit code %d, asked %t: %s", line, code, asked, errOut)
		}
	}
	for _, ahead := range []time.Duration{-48 * time.Hour, 48 * time.Hour} {
		out, errOut, code := runAgainst(t, deskOf(), noon.Add(ahead), "promise", "x", "Towel", "--due", "2026-10-02T12:30:00Z", "--at", "2026-10-02T11:50:00Z", "--dry-run=server")
		if code != cli.ExitOK {
			t.Errorf("with a clock %s ahead: exit code %d\n%s%s", ahead, code, out, errOut)
		}
	}
}

// Whoever writes a day as such is told what to write, wherever a duration is taken.
func TestADayIsHours(t *testing.T) {
	for _, line := range []string{
		"promise x Towel --within 1d", "task x Towel --within 1d", "report --since 30d", "status x --wait Closed --timeout 1d", "simulate -f . --every 1d",
		"note x y --at 1dago", "impact x --started 1dago",
	} {
		t.Run(line, func(t *testing.T) { ends(t, line, cli.ExitUsage, "; a day is 24h") })
	}
}
