"""Parts of scripts/gen-demo: words, world (who exists), placement (who appears where), sheets, writers, truth."""
