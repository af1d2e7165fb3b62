package main

import (
	"io"
	"os"
	"regexp"
)

// style is an ANSI sequence that begins a way of writing.
type style string

const (
	bold   style = "\x1b[1m"
	dim    style = "\x1b[2m"
	red    style = "\x1b[31m"
	green  style = "\x1b[32m"
	yellow style = "\x1b[33m"
	cyan   style = "\x1b[36m"
	plain  style = "\x1b[0m"
)

// of writes a text in this style.
func (s style) of(text string) string { return string(s) + text + string(plain) }

var styleSequence = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// withoutStyles is a text as it is written where there are no styles.
func withoutStyles(text string) string { return styleSequence.ReplaceAllString(text, "") }

// unstyled writes texts without their styles. What it is handed at a time holds whole sequences.
type unstyled struct{ io.Writer }

func (u unstyled) Write(text []byte) (int, error) {
	if _, err := u.Writer.Write(styleSequence.ReplaceAll(text, nil)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// screen is standard output, with styles only on a terminal whose user wants them (no-color.org).
func screen(getenv func(string) string, file *os.File) io.Writer {
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	if terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb" {
		return file
	}
	return unstyled{file}
}
