package config

import (
	"fmt"
	"strings"
)

// Markdown is docs/configuration.md, made from the list that the parser
// uses. A test holds the file to it.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# Configuration

Set a key in the ` + "`context`" + ` of cdk.json, or for one command with ` + "`-c key=value`" + `,
which wins:

    make deploy CDK_FLAGS="-c stage=dev -c corsOrigins=https://app.example.com"

Lists are JSON arrays, or text with commas. An empty value is the same as none.
A key that doesn't exist, or a value that isn't allowed, stops the synthesis;
all problems are told at once. This page is made from the list in
infra/config/keys.go (` + "`go test ./infra/config -update`" + `).
`)
	for _, part := range []struct {
		title string
		keys  []key
	}{
		{"The stack", stackKeys},
		{"The pipeline", pipelineKeys},
		{"What is kept, and how long", retentionKeys},
		{"Delivery, and which pages may use it", deliveryKeys},
		{"The REST API and uploads through it", apiKeys},
		{"Alarms", alarmKeys},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| Key | Default | Allowed | Meaning |\n|---|---|---|---|\n", part.title)
		for _, k := range part.keys {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.name, shown(k.fallback), k.allowed, k.about)
		}
	}
	return b.String()
}

// shown is a default as the table shows it.
func shown(fallback string) string {
	if fallback == "" || fallback == byStage {
		return map[string]string{"": "not set", byStage: byStage}[fallback]
	}
	return "`" + fallback + "`"
}
