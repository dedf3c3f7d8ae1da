package policy

import (
	"errors"
	"fmt"

	"github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/parser"
)

// unbounded are functions that make something far larger than what they are given, or
// work the longer with the square of it. The cost limit counts a call once it was
// made, which is too late for them: a short expression could take all memory there is,
// and with it the operator.
var unbounded = map[string]bool{
	"replace": true, "join": true, "format": true, "flatten": true, "lists.range": true, "distinct": true,
	"sets.contains": true, "sets.equivalent": true, "sets.intersects": true,
}

// checkBounded refuses an expression that the cost limit does not bound.
func checkBounded(checked *cel.Ast) error {
	tree := checked.NativeRep()
	var wrong error
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.CallKind || wrong != nil {
			return
		}
		call := e.AsCall()
		switch name := call.FunctionName(); {
		case unbounded[name]:
			wrong = fmt.Errorf("the function %s is not available here: no limit holds for what it makes; compare with contains, startsWith, matches, in or exists instead", name)
		case name == operators.Add && growsLists(tree.GetType(e.ID()).Kind()) && !accumulates(call):
			wrong = errors.New("lists cannot be added here: no limit holds for what that makes; ask about each list by itself")
		}
	}))
	return wrong
}

// growsLists says whether an addition of this kind may be one of lists.
func growsLists(k types.Kind) bool {
	return k == types.ListKind || k == types.DynKind || k == types.AnyKind
}

// accumulates says whether an addition is the one that a macro such as map stands for,
// whose steps are counted one by one.
func accumulates(call celast.CallExpr) bool {
	first := call.Args()[0]
	return first.Kind() == celast.IdentKind && first.AsIdent() == parser.HiddenAccumulatorName
}
