// Command infra synthesizes the stack into a cloud assembly. The CDK command
// line runs it, as cdk.json says.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/vodstack/vodstack/infra/config"
	"github.com/vodstack/vodstack/infra/vodstack"
)

func main() {
	err := run()
	vodstack.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "infra:", err)
		os.Exit(1)
	}
}

// run reads the configuration, makes the stack and writes the assembly to
// where the CDK command line asks for it.
func run() error {
	if err := config.CheckRegion(os.Getenv("CDK_DEFAULT_REGION")); err != nil {
		return err
	}
	app := vodstack.NewApp("", nil)
	context, ok := app.Node().GetAllContext(nil).(map[string]any)
	if !ok {
		return fmt.Errorf("CDK context isn't a map; run this through cdk")
	}
	cfg, err := config.Load(context)
	if err != nil {
		return err
	}
	if _, err := vodstack.New(app, cfg, assets(cfg)); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}

// assets is the folder with the functions' binaries, as the Makefile builds
// them: by Go's name of the architecture.
func assets(cfg config.Config) string {
	arch := map[string]string{"arm64": "arm64", "x86_64": "amd64"}[cfg.Architecture]
	return filepath.Join("dist", "lambdas", arch)
}
