package money

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Add is a + b.
func (a Amount) Add(b Amount) (Amount, error) {
	if err := a.joins(b); err != nil {
		return Amount{}, err
	}
	if b.minor > Max-a.minor {
		return Amount{}, fmt.Errorf("%s and %s are together more than can be counted: at most %d of the smallest unit", a.Text(), b.Text(), int64(Max))
	}
	return Amount{minor: a.minor + b.minor, currency: a.currency}, nil
}

// Sub is a - b. Less than nothing is an error; see Less for what is left of a limit.
func (a Amount) Sub(b Amount) (Amount, error) {
	if err := a.joins(b); err != nil {
		return Amount{}, err
	}
	if b.minor > a.minor {
		return Amount{}, fmt.Errorf("%s less %s is less than nothing", a.Text(), b.Text())
	}
	return Amount{minor: a.minor - b.minor, currency: a.currency}, nil
}

// Less is what is left of a when b is taken out: at least nothing.
func (a Amount) Less(b Amount) (Amount, error) {
	if err := a.joins(b); err != nil {
		return Amount{}, err
	}
	return Amount{minor: max(0, a.minor-b.minor), currency: a.currency}, nil
}

// joins tells whether two amounts can be counted together.
func (a Amount) joins(b Amount) error {
	if a.currency != b.currency {
		return fmt.Errorf("%s and %s are of different currencies", a.Text(), b.Text())
	}
	return nil
}

// hundredPercent is 100 % in ten-thousandths of a percent, the finest that the API has.
const hundredPercent = 1_000_000

// percentDecimals is how many decimals a percentage may have.
const percentDecimals = 4

// Share is a percentage of a, rounded down to the currency's smallest unit.
func (a Amount) Share(p v1alpha1.Percent) (Amount, error) {
	share, err := parsePercent(p)
	if err != nil {
		return Amount{}, err
	}
	// Split, so that no product leaves an int64: a is at most 9e15 and share at most 1e6.
	whole, rest := a.minor/hundredPercent, a.minor%hundredPercent
	return Amount{minor: whole*share + rest*share/hundredPercent, currency: a.currency}, nil
}

// parsePercent reads a percentage in ten-thousandths of a percent.
func parsePercent(p v1alpha1.Percent) (int64, error) {
	whole, fraction, hasPoint := strings.Cut(string(p), ".")
	const allowed = "a percentage is above 0 and at most 100, with at most 4 decimals, for example 0.5"
	if whole == "" || len(whole) > 3 || !onlyDigits(whole) || !onlyDigits(fraction) || (hasPoint && fraction == "") ||
		len(fraction) > percentDecimals || (len(whole) > 1 && whole[0] == '0') {
		return 0, fmt.Errorf("%s is no percentage: %s", quote(v1alpha1.Money(p)), allowed)
	}
	out, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", percentDecimals-len(fraction)), 10, 64)
	if err != nil || out == 0 || out > hundredPercent {
		return 0, fmt.Errorf("%s is out of range: %s", quote(v1alpha1.Money(p)), allowed)
	}
	return out, nil
}

// PercentOf is how much of whole a is, in whole percent, rounded down. Of nothing, it is
// 100 percent.
func (a Amount) PercentOf(whole Amount) (int64, error) {
	if err := a.joins(whole); err != nil {
		return 0, err
	}
	if whole.minor == 0 {
		return 100, nil
	}
	// a is at most 9e15, so that a hundred times it fits an int64.
	return a.minor * 100 / whole.minor, nil
}
