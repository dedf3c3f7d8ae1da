package money

import (
	"slices"
	"strings"
	"testing"

	"github.com/bojanz/currency"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestParse(t *testing.T) {
	tests := map[string]struct {
		currency v1alpha1.Currency
		text     v1alpha1.Money
		minor    int64
		printed  string
		refused  string
	}{
		"euros and cents":                {currency: "EUR", text: "12.34", minor: 1234, printed: "12.34"},
		"euros and tens of cents":        {currency: "EUR", text: "12.3", minor: 1230, printed: "12.30"},
		"whole euros":                    {currency: "EUR", text: "12", minor: 1200, printed: "12.00"},
		"a cent":                         {currency: "EUR", text: "0.01", minor: 1, printed: "0.01"},
		"nothing":                        {currency: "EUR", text: "0", minor: 0, printed: "0.00"},
		"yen":                            {currency: "JPY", text: "1050", minor: 1050, printed: "1050"},
		"dinars":                         {currency: "KWD", text: "1.5", minor: 1500, printed: "1.500"},
		"unidades de fomento":            {currency: "CLF", text: "1.5", minor: 15000, printed: "1.5000"},
		"the most euros":                 {currency: "EUR", text: "9999999999999.99", minor: 999_999_999_999_999, printed: "9999999999999.99"},
		"the most yen":                   {currency: "JPY", text: "999999999999999", minor: 999_999_999_999_999, printed: "999999999999999"},
		"half a yen":                     {currency: "JPY", text: "10.5", refused: `"10.5" has too many decimals: JPY has none`},
		"yen with decimals of zero":      {currency: "JPY", text: "10.0", refused: `"10.0" has too many decimals: JPY has none`},
		"a tenth of a cent":              {currency: "EUR", text: "10.501", refused: `"10.501" has too many decimals: EUR has at most 2`},
		"zero behind the cents":          {currency: "EUR", text: "10.500", refused: `"10.500" has too many decimals`},
		"an exponent":                    {currency: "EUR", text: "1e3", refused: `"1e3" is no amount: write digits with a point before the decimals, for example 12.34`},
		"a minus":                        {currency: "EUR", text: "-1", refused: `"-1" is no amount`},
		"a plus":                         {currency: "EUR", text: "+1", refused: `"+1" is no amount`},
		"leading zeros":                  {currency: "EUR", text: "0012", refused: `"0012" begins with a zero: write an amount without leading zeros, for example 12.34`},
		"two zeros":                      {currency: "EUR", text: "00", refused: "begins with a zero"},
		"16 digits of yen":               {currency: "JPY", text: "1000000000000000", refused: `"1000000000000000" is too long: an amount of JPY has at most 15 digits before the point`},
		"16 digits with all cents":       {currency: "EUR", text: "10000000000000", refused: "at most 13 digits before the point"},
		"a comma":                        {currency: "EUR", text: "1,50", refused: "is no amount"},
		"a point alone":                  {currency: "EUR", text: ".", refused: "is no amount"},
		"no digit before the point":      {currency: "EUR", text: ".5", refused: "is no amount"},
		"no digit behind the point":      {currency: "EUR", text: "5.", refused: "is no amount"},
		"a blank":                        {currency: "EUR", text: " 5", refused: "is no amount"},
		"digits of another script":       {currency: "EUR", text: "٣", refused: "is no amount"},
		"nothing written":                {currency: "EUR", text: "", refused: `"" is no amount`},
		"no number":                      {currency: "EUR", text: "NaN", refused: "is no amount"},
		"a long text is cut":             {currency: "EUR", text: v1alpha1.Money(strings.Repeat("9", 5000)), refused: `9"… is too long`},
		"no currency of ISO 4217":        {currency: "EUX", text: "1", refused: `"EUX" is no currency of ISO 4217`},
		"no currency":                    {text: "1", refused: `"" is no currency`},
		"a currency in small letters":    {currency: "eur", text: "1", refused: `"eur" is no currency`},
		"an example fits a dinar's form": {currency: "KWD", text: "x", refused: "for example 12.345,"},
		"an example fits a yen's form":   {currency: "JPY", text: "x", refused: "for example 12,"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(test.currency, test.text)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Fatalf("got %v, %v; want an error with %q", got, err, test.refused)
				}
				if got != (Amount{}) {
					t.Errorf("an error came with the amount %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Minor() != test.minor || got.String() != test.printed || got.Currency() != test.currency {
				t.Errorf("got %d %s %s, want %d %s", got.Minor(), got, got.Currency(), test.minor, test.printed)
			}
		})
	}
}

// The API server's guard of the ledger holds its own lists of currencies with another
// number of decimals than two; they must be those of ISO 4217.
func TestDigitsAgreeWithTheGuard(t *testing.T) {
	guard := map[int][]string{
		0: {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"},
		3: {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"},
		4: {"CLF", "UYW"},
	}
	got := map[int][]string{}
	for _, code := range currency.GetCurrencyCodes() {
		digits, err := Digits(v1alpha1.Currency(code))
		if err != nil {
			t.Fatal(err)
		}
		if digits != 2 {
			got[digits] = append(got[digits], code)
		}
	}
	for digits, codes := range got {
		slices.Sort(codes)
		if !slices.Equal(codes, guard[digits]) {
			t.Errorf("with %d decimals: %v, the guard has %v", digits, codes, guard[digits])
		}
	}
	if len(got) != len(guard) {
		t.Errorf("numbers of decimals: %v, the guard has %v", got, guard)
	}
}

func of(t *testing.T, c v1alpha1.Currency, text v1alpha1.Money) Amount {
	t.Helper()
	a, err := Parse(c, text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestArithmetic(t *testing.T) {
	most, err := Of("EUR", Max)
	if err != nil {
		t.Fatal(err)
	}
	ten, three, yen := of(t, "EUR", "10"), of(t, "EUR", "3.50"), of(t, "JPY", "10")
	tests := map[string]struct {
		got     func() (Amount, error)
		want    string
		refused string
	}{
		"a sum":                            {got: func() (Amount, error) { return ten.Add(three) }, want: "13.50"},
		"a difference":                     {got: func() (Amount, error) { return ten.Sub(three) }, want: "6.50"},
		"a difference of nothing":          {got: func() (Amount, error) { return ten.Sub(ten) }, want: "0.00"},
		"what is left":                     {got: func() (Amount, error) { return ten.Less(three) }, want: "6.50"},
		"what is left of too little":       {got: func() (Amount, error) { return three.Less(ten) }, want: "0.00"},
		"the most and nothing":             {got: func() (Amount, error) { return most.Add(Zero("EUR")) }, want: "90000000000000.00"},
		"the most and a cent":              {got: func() (Amount, error) { return most.Add(of(t, "EUR", "0.01")) }, refused: "together more than can be counted"},
		"less than nothing":                {got: func() (Amount, error) { return three.Sub(ten) }, refused: "3.50 EUR less 10.00 EUR is less than nothing"},
		"a sum of two currencies":          {got: func() (Amount, error) { return ten.Add(yen) }, refused: "10.00 EUR and 10 JPY are of different currencies"},
		"a difference of two currencies":   {got: func() (Amount, error) { return ten.Sub(yen) }, refused: "different currencies"},
		"what is left of another":          {got: func() (Amount, error) { return ten.Less(yen) }, refused: "different currencies"},
		"a sum with no amount":             {got: func() (Amount, error) { return ten.Add(Amount{}) }, refused: "10.00 EUR and 0 are of different currencies"},
		"beyond what can be counted":       {got: func() (Amount, error) { return Of("EUR", Max+1) }, refused: "out of range"},
		"below what can be counted":        {got: func() (Amount, error) { return Of("EUR", -1) }, refused: "out of range"},
		"smallest units of what is no ISO": {got: func() (Amount, error) { return Of("EUX", 1) }, refused: "no currency"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.got()
			switch {
			case test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)):
				t.Errorf("got %v, %v; want an error with %q", got, err, test.refused)
			case test.refused == "" && (err != nil || got.String() != test.want):
				t.Errorf("got %v, %v; want %s", got, err, test.want)
			}
		})
	}
	if ten.Cmp(three) != 1 || three.Cmp(ten) != -1 || ten.Cmp(ten) != 0 || ten.Cmp(of(t, "JPY", "1000")) == 0 {
		t.Error("the order of amounts is wrong")
	}
	if got := ten.Text() + ", " + (Amount{}).Text(); got != "10.00 EUR, 0" {
		t.Errorf("texts: %s", got)
	}
}

func TestShare(t *testing.T) {
	tests := map[string]struct {
		currency v1alpha1.Currency
		amount   v1alpha1.Money
		percent  v1alpha1.Percent
		want     string
		refused  string
	}{
		"half a percent, rounded down": {currency: "EUR", amount: "12345678.90", percent: "0.5", want: "61728.39"},
		"half a percent, to the cent":  {currency: "CNY", amount: "12000000.00", percent: "0.5", want: "60000.00"},
		"all of the most":              {currency: "EUR", amount: "9999999999999.99", percent: "100", want: "9999999999999.99"},
		"almost all of the most":       {currency: "EUR", amount: "9999999999999.99", percent: "99.9999", want: "9999989999999.99"},
		"a third of a cent":            {currency: "EUR", amount: "0.01", percent: "33.3333", want: "0.00"},
		"a third of a percent of yen":  {currency: "JPY", amount: "1234567", percent: "0.3333", want: "4114"},
		"a share of nothing":           {currency: "EUR", amount: "0", percent: "50", want: "0.00"},
		"with decimals of zero":        {currency: "EUR", amount: "10", percent: "100.0000", want: "10.00"},
		"zero percent":                 {currency: "EUR", amount: "10", percent: "0", refused: `"0" is out of range: a percentage is above 0 and at most 100`},
		"more than all":                {currency: "EUR", amount: "10", percent: "100.0001", refused: "out of range"},
		"too many decimals":            {currency: "EUR", amount: "10", percent: "0.00001", refused: "is no percentage"},
		"a negative percentage":        {currency: "EUR", amount: "10", percent: "-1", refused: "is no percentage"},
		"a percentage with a sign":     {currency: "EUR", amount: "10", percent: "5%", refused: "is no percentage"},
		"leading zeros":                {currency: "EUR", amount: "10", percent: "05", refused: "is no percentage"},
		"no percentage":                {currency: "EUR", amount: "10", percent: "", refused: "is no percentage"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := of(t, test.currency, test.amount).Share(test.percent)
			switch {
			case test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)):
				t.Errorf("got %v, %v; want an error with %q", got, err, test.refused)
			case test.refused == "" && (err != nil || got.String() != test.want):
				t.Errorf("got %v, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestPercentOf(t *testing.T) {
	whole := of(t, "EUR", "3.00")
	for text, want := range map[v1alpha1.Money]int64{"0": 0, "0.02": 0, "0.03": 1, "2.99": 99, "3.00": 100, "6.00": 200} {
		if got, err := of(t, "EUR", text).PercentOf(whole); err != nil || got != want {
			t.Errorf("%s of %s: got %d %%, %v; want %d %%", text, whole, got, err, want)
		}
	}
	if got, err := whole.PercentOf(Zero("EUR")); err != nil || got != 100 {
		t.Errorf("of nothing: got %d %%, %v", got, err)
	}
	if _, err := whole.PercentOf(of(t, "JPY", "1")); err == nil {
		t.Error("a percentage of another currency")
	}
}

func FuzzParsePrint(f *testing.F) {
	for _, seed := range []string{"12.34", "0", "0.01", "1e3", "-1", "0012", "9999999999999.99", "1000000000000000", "10.5", ".", "5."} {
		for _, c := range []string{"EUR", "JPY", "KWD", "CLF", "XXX"} {
			f.Add(c, seed, "33.3333")
		}
	}
	f.Fuzz(func(t *testing.T, c, text, percent string) {
		a, err := Parse(v1alpha1.Currency(c), v1alpha1.Money(text))
		if err != nil {
			return
		}
		back, err := Parse(a.Currency(), a.Money())
		if err != nil || back != a {
			t.Fatalf("%q %s is printed as %s and read back as %v, %v", text, c, a, back, err)
		}
		if again, err := Of(a.Currency(), a.Minor()); err != nil || again != a {
			t.Fatalf("%v made of its smallest units is %v, %v", a, again, err)
		}
		// What is written shows the same digits as what is printed.
		if digits := strings.TrimRight(text, "0"); strings.Contains(text, ".") && !strings.HasPrefix(a.String()+"0", strings.TrimRight(digits, ".")) {
			t.Fatalf("%q %s is printed as %s", text, c, a)
		}
		share, err := a.Share(v1alpha1.Percent(percent))
		if err == nil && (share.Cmp(a) > 0 || share.Minor() < 0) {
			t.Fatalf("%s %% of %s is %s", percent, a, share)
		}
	})
}
