package money

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Max is the most that an Amount counts, in the currency's smallest unit. It is the
// bound of the API's ledger, and leaves room for sums of many in an int64.
const Max = 9_000_000_000_000_000

// maxDigits is how many digits an amount may have with all its decimals written out.
const maxDigits = 15

// Amount is an amount of one currency, from zero to Max. The zero value is nothing in
// no currency; it stands where there is no amount at all.
type Amount struct {
	minor    int64
	currency v1alpha1.Currency
}

// Of is an amount of so many of the currency's smallest unit.
func Of(c v1alpha1.Currency, minor int64) (Amount, error) {
	if _, err := Digits(c); err != nil {
		return Amount{}, err
	}
	if minor < 0 || minor > Max {
		return Amount{}, fmt.Errorf("%d is out of range: an amount is from 0 to %d of the smallest unit of %s", minor, int64(Max), c)
	}
	return Amount{minor: minor, currency: c}, nil
}

// Zero is nothing, in a currency.
func Zero(c v1alpha1.Currency) Amount {
	return Amount{currency: c}
}

// Parse reads a decimal string of the API: no sign, no exponent, no leading zeros, at
// most as many decimals as the currency has and at most 15 digits with all of them
// written out. The caller names the field in front of the error.
func Parse(c v1alpha1.Currency, s v1alpha1.Money) (Amount, error) {
	digits, err := Digits(c)
	if err != nil {
		return Amount{}, err
	}
	whole, fraction, err := split(s, digits)
	switch {
	case err != nil:
		return Amount{}, err
	case len(fraction) > digits:
		return Amount{}, fmt.Errorf("%s has too many decimals: %s", quote(s), decimals(c, digits))
	case len(whole)+digits > maxDigits:
		return Amount{}, fmt.Errorf("%s is too long: an amount of %s has at most %d digits before the point", quote(s), c, maxDigits-digits)
	}
	minor, err := units(whole, fraction, digits)
	if err != nil {
		return Amount{}, fmt.Errorf("%s is no amount: %w", quote(s), err)
	}
	return Amount{minor: minor, currency: c}, nil
}

// split takes a decimal string apart at its point. An error shows one with so many
// decimals.
func split(s v1alpha1.Money, digits int) (whole, fraction string, err error) {
	whole, fraction, hasPoint := strings.Cut(string(s), ".")
	switch {
	case whole == "" || !onlyDigits(whole) || !onlyDigits(fraction) || (hasPoint && fraction == ""):
		return "", "", fmt.Errorf("%s is no amount: write digits with a point before the decimals, for example %s, without a sign, an exponent or separators", quote(s), example(digits))
	case len(whole) > 1 && whole[0] == '0':
		return "", "", fmt.Errorf("%s begins with a zero: write an amount without leading zeros, for example %s", quote(s), example(digits))
	}
	return whole, fraction, nil
}

// units counts units of the last of so many decimals. The fraction has no more of them.
func units(whole, fraction string, digits int) (int64, error) {
	return strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
}

// decimal writes so many units of the last of so many decimals.
func decimal(minor int64, digits int) string {
	if digits == 0 {
		return strconv.FormatInt(minor, 10)
	}
	unit := scale(digits)
	return fmt.Sprintf("%d.%0*d", minor/unit, digits, minor%unit)
}

// onlyDigits tells whether s has nothing but the digits 0 to 9.
func onlyDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// quote shows a value in a message without letting it grow beyond reason.
func quote(s v1alpha1.Money) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(string(s[:most])) + "…"
	}
	return strconv.Quote(string(s))
}

func example(digits int) string {
	return "12.3456"[:2+min(digits, 1)+digits]
}

func decimals(c v1alpha1.Currency, digits int) string {
	switch digits {
	case 0:
		return fmt.Sprintf("%s has none", c)
	case 1:
		return fmt.Sprintf("%s has at most 1", c)
	default:
		return fmt.Sprintf("%s has at most %d", c, digits)
	}
}

// Minor is the amount in the currency's smallest unit.
func (a Amount) Minor() int64 { return a.minor }

// Currency is the amount's currency; empty for the zero value.
func (a Amount) Currency() v1alpha1.Currency { return a.currency }

// IsZero tells whether it is nothing.
func (a Amount) IsZero() bool { return a.minor == 0 }

// Equal tells whether two amounts are the same, currency and all.
func (a Amount) Equal(b Amount) bool { return a == b }

// String is the amount as a decimal string with all of its currency's decimals. Parse
// reads it back.
func (a Amount) String() string {
	digits, err := Digits(a.currency)
	if err != nil {
		digits = 0
	}
	return decimal(a.minor, digits)
}

// Money is the amount as the API writes it.
func (a Amount) Money() v1alpha1.Money { return v1alpha1.Money(a.String()) }

// Text is the amount with its currency, for messages: 12.30 EUR.
func (a Amount) Text() string {
	if a.currency == "" {
		return a.String()
	}
	return a.String() + " " + string(a.currency)
}

// Cmp is -1, 0 or +1 as a is less than, equal to or more than b. Amounts of different
// currencies are never equal; they are in the order of their currencies.
func (a Amount) Cmp(b Amount) int {
	return cmp.Or(cmp.Compare(a.currency, b.currency), cmp.Compare(a.minor, b.minor))
}
