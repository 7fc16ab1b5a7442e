/** Matrices of paging, segmentation and descriptors: guests that run a table of cases each, whose outcomes the manuals' rules foretell. */
@NullMarked
package io.javisor.machine.matrix;

import org.jspecify.annotations.NullMarked;
