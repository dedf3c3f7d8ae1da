package money

import (
	"fmt"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Sum adds decimal strings of the API that are known to be of one currency, where the
// currency itself is not at hand. It has as many decimals as the longest of them; of
// no amounts at all it is empty.
//
// What is no amount is an error, and so is more than can be counted: a total that leaves
// something out would be wrong, and nobody would see it.
func Sum(amounts []v1alpha1.Money) (v1alpha1.Money, error) {
	if len(amounts) == 0 {
		return "", nil
	}
	digits := 0
	for _, a := range amounts {
		_, fraction, _ := strings.Cut(string(a), ".")
		digits = max(digits, len(fraction))
	}
	var total int64
	for _, a := range amounts {
		minor, err := minorOf(a, digits)
		if err != nil {
			return "", err
		}
		if minor > Max-total {
			return "", fmt.Errorf("%s is too much: together with the amounts before it, it is more than can be counted, which is %s", quote(a), decimal(Max, digits))
		}
		total += minor
	}
	return v1alpha1.Money(decimal(total, digits)), nil
}

// minorOf reads a decimal string in units of the last of so many decimals.
func minorOf(s v1alpha1.Money, digits int) (int64, error) {
	const usual = 2 // decimals, in the example of an error
	whole, fraction, err := split(s, usual)
	if err != nil {
		return 0, err
	}
	if len(whole)+digits > maxDigits {
		return 0, fmt.Errorf("%s is too long: beside amounts with %d decimals, it may have %d digits before the point", quote(s), digits, max(0, maxDigits-digits))
	}
	return units(whole, fraction, digits)
}
