package lint

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// The parts of SARIF 2.1.0 that a report of ours has.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string      `json:"id"`
		ShortDescription     sarifText   `json:"shortDescription"`
		DefaultConfiguration sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level Severity `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     Severity        `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

const sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"

// WriteSARIF writes the findings as SARIF 2.1.0, as code scanning services read it.
func WriteSARIF(w io.Writer, findings []Finding, version string) error {
	driver := sarifDriver{Name: "kubectl-amends lint", Version: version, InformationURI: "https://github.com/amends-dev/amends"}
	for _, r := range rules {
		driver.Rules = append(driver.Rules, sarifRule{ID: r.ID, ShortDescription: sarifText{r.Help}, DefaultConfiguration: sarifConfig{r.Severity}})
	}
	results := []sarifResult{}
	for _, f := range findings {
		results = append(results, result(f))
	}
	return writeJSON(w, sarifLog{
		Schema: sarifSchema, Version: "2.1.0",
		Runs: []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results}},
	})
}

func result(f Finding) sarifResult {
	text := f.Message
	if f.Field != "" {
		text = f.Field + ": " + text
	}
	location := sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{uri(f.File)}, Region: sarifRegion{StartLine: f.Line, StartColumn: f.Column},
	}}
	if f.Name != "" {
		location.Logical = []sarifLogical{{FullyQualifiedName: f.Kind + "/" + f.Name, Kind: "resource"}}
	}
	return sarifResult{
		RuleID: f.Rule, RuleIndex: slices.IndexFunc(rules, func(r Rule) bool { return r.ID == f.Rule }),
		Level: f.Severity, Message: sarifText{text}, Locations: []sarifLocation{location},
	}
}

// uri is a file's name as a relative reference; the standard input has none, and is
// given a name that no service looks up.
func uri(file string) string {
	if file == "-" {
		return "stdin"
	}
	clean := filepath.ToSlash(filepath.Clean(file))
	escape := strings.NewReplacer("%", "%25", " ", "%20", "#", "%23", "?", "%3F")
	return escape.Replace(clean)
}
