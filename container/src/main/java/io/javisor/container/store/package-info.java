/** What is kept of a container in files: its disk for what is written, and the log of its output. Knows no machine that runs. */
@NullMarked
package io.javisor.container.store;

import org.jspecify.annotations.NullMarked;
