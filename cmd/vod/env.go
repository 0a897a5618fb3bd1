package main

import (
	"fmt"
	"strings"

	"github.com/vodstack/vodstack/internal/local/engine"
)

// envCommand prints what other AWS tools need to join in.
type envCommand struct{}

// Run prints export lines for a POSIX shell.
func (envCommand) Run(s *session) error {
	control, err := engine.Running(s.place.home)
	if err != nil {
		return err
	}
	secret, err := engine.SecretKey(s.place.home)
	if err != nil {
		return err
	}
	for _, v := range variables(control, secret, s.place.stack) {
		fmt.Fprintf(s.stdout, "export %s=%s\n", v[0], shellQuote(v[1]))
	}
	return nil
}

func variables(c engine.Control, secret, stack string) [][2]string {
	return [][2]string{
		{"AWS_ENDPOINT_URL", c.Ports.ControlPlaneURL()},
		{"AWS_ENDPOINT_URL_S3", c.Ports.StoreURL()},
		{"AWS_ENDPOINT_URL_MEDIACONVERT", c.Ports.MediaConvertURL()},
		{"AWS_REGION", c.Region},
		{"AWS_DEFAULT_REGION", c.Region},
		{"AWS_ACCESS_KEY_ID", engine.AccessKey},
		{"AWS_SECRET_ACCESS_KEY", secret},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"VOD_STACK", stack},
	}
}

// shellQuote makes one word of a text, whatever is in it.
func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
