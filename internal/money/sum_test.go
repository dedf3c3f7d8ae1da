package money

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestSum(t *testing.T) {
	most := slices.Repeat([]v1alpha1.Money{"1000000000000.00"}, 90)
	tests := map[string]struct {
		amounts []v1alpha1.Money
		want    v1alpha1.Money
		refused string
	}{
		"none":                       {},
		"one":                        {amounts: []v1alpha1.Money{"12.30"}, want: "12.30"},
		"nothing and nothing":        {amounts: []v1alpha1.Money{"0.00", "0.00"}, want: "0.00"},
		"cents that carry":           {amounts: []v1alpha1.Money{"0.99", "0.01"}, want: "1.00"},
		"less than one":              {amounts: []v1alpha1.Money{"0.01", "0.02"}, want: "0.03"},
		"many":                       {amounts: []v1alpha1.Money{"15.00", "200.00", "7.77"}, want: "222.77"},
		"yen":                        {amounts: []v1alpha1.Money{"1050", "50"}, want: "1100"},
		"dinars":                     {amounts: []v1alpha1.Money{"1.500", "0.005"}, want: "1.505"},
		"unidades de fomento":        {amounts: []v1alpha1.Money{"0.0001", "9.9999"}, want: "10.0000"},
		"decimals left out":          {amounts: []v1alpha1.Money{"1", "2.5", "0.25"}, want: "3.75"},
		"the most that is counted":   {amounts: most, want: "90000000000000.00"},
		"a cent more":                {amounts: append(slices.Clone(most), "0.01"), refused: `"0.01" is too much: together with the amounts before it, it is more than can be counted, which is 90000000000000.00`},
		"no amount among amounts":    {amounts: []v1alpha1.Money{"1.00", "two"}, refused: `"two" is no amount: write digits with a point before the decimals, for example 12.34`},
		"nothing written":            {amounts: []v1alpha1.Money{""}, refused: `"" is no amount`},
		"a minus":                    {amounts: []v1alpha1.Money{"5.00", "-1.00"}, refused: `"-1.00" is no amount`},
		"two points":                 {amounts: []v1alpha1.Money{"1.0.0"}, refused: `"1.0.0" is no amount`},
		"leading zeros":              {amounts: []v1alpha1.Money{"01.00"}, refused: `"01.00" begins with a zero`},
		"too long":                   {amounts: []v1alpha1.Money{"10000000000000.00"}, refused: "is too long: beside amounts with 2 decimals, it may have 13 digits before the point"},
		"decimals without end":       {amounts: []v1alpha1.Money{"1", v1alpha1.Money("0." + strings.Repeat("3", 5000))}, refused: `"1" is too long`},
		"more than an int64 can say": {amounts: []v1alpha1.Money{v1alpha1.Money(strings.Repeat("9", 30))}, refused: "is too long"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Sum(test.amounts)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) || got != "" {
					t.Fatalf("got %q, %v; want an error with %q and no sum", got, err, test.refused)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// A sum of decimal strings is what Add makes of the same amounts of a currency.
func TestSumIsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]v1alpha1.Currency{"EUR", "JPY", "KWD", "CLF"}).Draw(t, "currency")
		want, err := Of(currency, 0)
		if err != nil {
			t.Fatal(err)
		}
		texts := []v1alpha1.Money{want.Money()}
		for _, minor := range rapid.SliceOfN(rapid.Int64Range(0, 1_000_000_000_000), 0, 20).Draw(t, "minor") {
			a, err := Of(currency, minor)
			if err != nil {
				t.Fatal(err)
			}
			if want, err = want.Add(a); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, a.Money())
		}
		if got, err := Sum(texts); err != nil || got != want.Money() {
			t.Errorf("%v are together %q, %v; want %s", texts, got, err, want)
		}
	})
}
