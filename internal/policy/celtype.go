package policy

import (
	"reflect"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

var timeType = reflect.TypeFor[metav1.Time]()

// declType declares a Go type of the API to CEL by its JSON names, so that a
// misspelt field in an expression is found when the policy is compiled.
func declType(name string, t reflect.Type) *apiservercel.DeclType {
	switch {
	case t.Kind() == reflect.Pointer:
		return declType(name, t.Elem())
	case t == timeType:
		return apiservercel.TimestampType
	}
	switch t.Kind() {
	case reflect.Struct:
		fields := map[string]*apiservercel.DeclField{}
		for f := range jsonFields(t) {
			fields[f.name] = apiservercel.NewDeclField(f.name, declType(name+"."+f.name, t.Field(f.index).Type), false, nil, nil)
		}
		return apiservercel.NewObjectType(name, fields)
	case reflect.Slice:
		return apiservercel.NewListType(declType(name+".item", t.Elem()), -1)
	case reflect.Map:
		return apiservercel.NewMapType(apiservercel.StringType, declType(name+".value", t.Elem()), -1)
	case reflect.Bool:
		return apiservercel.BoolType
	case reflect.Int32, reflect.Int64, reflect.Int:
		return apiservercel.IntType
	case reflect.String:
		return apiservercel.StringType
	}
	panic("policy: no CEL type for " + t.String())
}

// celValue is the value of a declared type as CEL reads it: objects as maps without
// the fields that are absent, times as timestamps.
func celValue(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Pointer:
		return celValue(v.Elem())
	case v.Type() == timeType:
		return v.Interface().(metav1.Time).UTC().Truncate(time.Second)
	}
	switch v.Kind() {
	case reflect.Struct:
		out := map[string]any{}
		for f := range jsonFields(v.Type()) {
			if field := v.Field(f.index); !field.IsZero() {
				out[f.name] = celValue(field)
			}
		}
		return out
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = celValue(v.Index(i))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			out[k.String()] = celValue(v.MapIndex(k))
		}
		return out
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64, reflect.Int:
		return v.Int()
	}
	return v.String()
}

type jsonField struct {
	index int
	name  string
}

// jsonFields walks the fields of a struct that have a JSON name.
func jsonFields(t reflect.Type) func(yield func(jsonField) bool) {
	return func(yield func(jsonField) bool) {
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" && !yield(jsonField{i, name}) {
				return
			}
		}
	}
}
