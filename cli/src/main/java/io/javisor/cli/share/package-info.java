/** Man pages and completion files, written at package time from the commands' model. Loaded by no command. */
@NullMarked
package io.javisor.cli.share;

import org.jspecify.annotations.NullMarked;
