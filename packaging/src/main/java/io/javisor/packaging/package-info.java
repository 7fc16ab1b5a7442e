/** Class files as the package needs them: tools that run at package time and are in no package. */
@NullMarked
package io.javisor.packaging;

import org.jspecify.annotations.NullMarked;
