/** What is logged, and how often. */
@NullMarked
package io.javisor.core.log;

import org.jspecify.annotations.NullMarked;
