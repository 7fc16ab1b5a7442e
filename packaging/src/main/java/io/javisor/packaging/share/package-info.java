/** Man pages and completion files, from a program's command model. */
@NullMarked
package io.javisor.packaging.share;

import org.jspecify.annotations.NullMarked;
