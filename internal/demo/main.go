// The demo: real terraform lives through the provider's main job, from a CRM
// export to discovered companies, against a simulated API. It checks what it
// sees, and fails when anything is not as it should be.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	picture := flag.String("picture", "", "also draw a picture of the output into this SVG `file`")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *picture != "" {
		err = drawDemo(ctx, *picture)
	} else {
		_, err = demonstrate(ctx, screen(os.Getenv, os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nFAILED:", err)
		stop()
		os.Exit(1)
	}
}

// drawDemo runs the demo and draws what it showed.
func drawDemo(ctx context.Context, file string) error {
	scenes, err := demonstrate(ctx, screen(os.Getenv, os.Stdout))
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(draw(picture(scenes))), 0o644); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}
