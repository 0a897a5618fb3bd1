package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// cdk runs the CDK's command line against the machine.
func (d *Deployment) cdk(ctx context.Context, args ...string) error {
	if _, err := os.Stat(d.CDK); err != nil {
		return fmt.Errorf("the CDK's command line is missing at %s: type \"make setup\"", d.CDK)
	}
	log, err := os.OpenFile(d.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log of the deploy: %w", err)
	}
	defer log.Close()
	fmt.Fprintf(log, "\n$ cdk %s\n", strings.Join(args, " "))

	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, d.CDK, append(args, "--ci", "--no-color", "--no-notices")...)
	cmd.Dir, cmd.Env = d.Root, d.environment()
	cmd.Stdout = io.MultiWriter(log, &said)
	cmd.Stderr = cmd.Stdout
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cdk %s failed (%w); it said:\n%s\nall of it is in %s", args[0], err, lastLines(said.String(), 15), d.LogFile)
	}
	return nil
}

// environment is the caller's without its AWS settings. S3 has no endpoint
// of its own here: assets go to the control plane's bucket, where its
// functions are loaded from.
func (d *Deployment) environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "CDK_") {
			env = append(env, v)
		}
	}
	return append(env,
		"AWS_ENDPOINT_URL="+d.ControlPlane,
		"AWS_REGION="+d.Region, "AWS_DEFAULT_REGION="+d.Region,
		"CDK_DEFAULT_REGION="+d.Region, "CDK_DEFAULT_ACCOUNT="+d.Account,
		"AWS_ACCESS_KEY_ID="+d.AccessKey, "AWS_SECRET_ACCESS_KEY="+d.SecretKey,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		// Validated by "make synth" and by the tests; it takes longer than
		// the rest of a deploy.
		"CDK_VALIDATION=false",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20",
		"CDK_DISABLE_CLI_TELEMETRY=true",
	)
}

func lastLines(text string, n int) string {
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), isStackFrame)
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// isStackFrame tells a line of Node's stack traces, which the log has.
func isStackFrame(line string) bool {
	return strings.HasPrefix(strings.TrimLeft(line, " "), "at ") && strings.HasPrefix(line, "  ")
}

// hashInputs is one hash over files, the files of folders, and words.
func hashInputs(paths, words []string) (string, error) {
	sum := sha256.New()
	for _, w := range words {
		fmt.Fprintf(sum, "%q\n", w)
	}
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			relative, err := filepath.Rel(filepath.Dir(path), name)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%q\n", relative)
			return hashFile(sum, name)
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func hashFile(to io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(to, f)
	return err
}
