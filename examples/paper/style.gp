# The look of all pictures here. Set before: out, the picture's file, and width, height in pixels.
set terminal pngcairo size width, height enhanced font 'Helvetica,11' fontscale 1.6 linewidth 1.5 background '#ffffff'
set output out
set datafile separator ','
set border 3 linecolor rgb '#5f6368'
set tics nomirror out scale 0.5 textcolor rgb '#3c4043'
set grid linetype 1 linewidth 0.5 linecolor rgb '#e8eaed'
set key textcolor rgb '#3c4043'
# one color an algorithm: MMD flow, with noise, IFT, WFR; and what begins and ends
array color[4] = ['#5f6368', '#e08a3c', '#2171b5', '#8e6bbf']
red = '#c0392b'
green = '#3f8f4f'
