/** What is in a disk or an image: bytes to read, wherever they are, and what kind of file they make. Knows no guest. */
@NullMarked
package io.javisor.images;

import org.jspecify.annotations.NullMarked;
