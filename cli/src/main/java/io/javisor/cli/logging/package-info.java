/** What the command-line tool logs, and where to. */
@NullMarked
package io.javisor.cli.logging;

import org.jspecify.annotations.NullMarked;
