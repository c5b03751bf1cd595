// generate-sdk LANGUAGE SCHEMA FOLDER writes what `pulumi package gen-sdk --local` writes.
//
// That command asks the language host to generate, and the hosts that can be built from public Go
// modules are too old to be asked. This calls the functions that those hosts call.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const name = "generate-sdk"

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: %s nodejs|go|python SCHEMA FOLDER", name))
	}
	files, err := generate(os.Args[1], os.Args[2])
	if err != nil {
		fail(err)
	}
	for file, content := range files {
		path := filepath.Join(os.Args[3], file)
		if err := write(path, content); err != nil {
			fail(err)
		}
	}
}

func generate(language, file string) (map[string][]byte, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(raw, &spec); err != nil {
		return nil, err
	}
	loader := schema.NewPluginLoader(nil)
	pkg, problems, err := schema.BindSpec(spec, loader, schema.ValidationOptions{})
	for _, problem := range problems {
		fmt.Fprintln(os.Stderr, problem)
	}
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s has %d problems", file, len(problems))
	}
	pkg.SupportPack = true // a module of its own, as `pulumi package add` makes
	switch language {
	case "nodejs":
		return nodejs.GeneratePackage(name, pkg, nil, nil, true, loader)
	case "go":
		return gogen.GeneratePackage(name, pkg, nil)
	case "python":
		return python.GeneratePackage(name, pkg, nil, loader)
	}
	return nil, fmt.Errorf("no SDK for %q: nodejs, go or python", language)
}

func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
