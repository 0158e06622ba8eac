# Pairs a second over the dimension, a curve a set of instructions; and the time of a step over the number of particles, by engine. Set
# before: here (the folder of style.gp), in (the folder of curves), out.
width = 1600; height = 640
load here.'/style.gp'
set datafile separator whitespace
is_there(name) = int(system('test -s "'.in.'/'.name.'" && printf 1 || printf 0'))
array sets[3] = ['avx512', 'avx2', 'baseline']
array hues[3] = ['#c0392b', '#08519c', '#5f6368']
set logscale xy
set format y '10^{%T}'
set key top right
set multiplot layout 1, 2 margins 0.065, 0.965, 0.17, 0.88 spacing 0.085, 0.1
set title 'Sums over pairs, Gaussian kernel, one thread' textcolor rgb '#202124'
set xlabel 'dimension' textcolor rgb '#3c4043'
set ylabel 'pairs a second' textcolor rgb '#3c4043'
set xrange [0.9:120]
plot for [k = 1:3] (is_there(sets[k]) ? in.'/'.sets[k] : '/dev/null') with linespoints pointtype 7 linewidth 2 linecolor rgb hues[k] title sets[k]
set title 'A transport step, d = 2, two threads' textcolor rgb '#202124'
set xlabel 'particles and samples' textcolor rgb '#3c4043'
set ylabel 'milliseconds' textcolor rgb '#3c4043'
set key top left
set xrange [80:120000]
plot in.'/direct' with linespoints pointtype 7 linewidth 2 linecolor rgb hues[2] title 'direct', \
  in.'/low-rank' with linespoints pointtype 7 linewidth 2 linecolor rgb hues[1] title 'low-rank'
unset multiplot
